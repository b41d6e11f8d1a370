package io.agentflow.server.contract;

import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.core.util.Json31;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.objenesis.SpringObjenesis;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The contract as the code has it. springdoc reads the controllers; what it cannot know (which
 * problems, which headers, what may be null) is added by {@link Operations} and {@link Schemas}.
 *
 * @param operations what answers, by path and verb
 */
record GeneratedContract(ObjectNode document, Map<String, Map<String, HandlerMethod>> operations) {

  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String SECURITY = "org.springframework.boot.security.";

  /** Looks at all controllers that are shipped. */
  static GeneratedContract ofControllers() {
    SchemaNames names = new SchemaNames();
    ModelConverters.getInstance(true).addConverter(new ModelResolver(Json31.mapper(), names));
    SpringApplication application = new SpringApplication(OnlyControllers.class);
    application.setBannerMode(Banner.Mode.OFF);
    application.setDefaultProperties(
        Map.of(
            "server.port",
            0,
            "spring.autoconfigure.exclude",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
                + "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration,"
                // Nobody asks for a token here.
                + SECURITY
                + "autoconfigure.SecurityAutoConfiguration,"
                + SECURITY
                + "autoconfigure.web.servlet.SecurityFilterAutoConfiguration,"
                + SECURITY
                + "autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration"));
    try (ConfigurableApplicationContext context =
        application.run("--springdoc.api-docs.enabled=true")) {
      Map<String, Map<String, HandlerMethod>> operations = operations(context);
      ObjectNode document = (ObjectNode) JSON.readTree(read(context));
      Javadoc javadoc = Javadoc.ofMainSources();
      new Schemas(document, names.types(), javadoc).complete();
      new Operations(document, operations, javadoc).complete();
      return new GeneratedContract(document, operations);
    }
  }

  private static String read(ConfigurableApplicationContext context) {
    URI uri =
        URI.create(
            "http://localhost:%s/v3/api-docs"
                .formatted(context.getEnvironment().getProperty("local.server.port")));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Map<String, HandlerMethod>> operations(
      ConfigurableApplicationContext context) {
    Map<String, Map<String, HandlerMethod>> operations = new TreeMap<>();
    context
        .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .forEach((mapping, method) -> add(operations, mapping, method));
    return operations;
  }

  /** Of two that differ in what they produce, the one is listed that answers anybody. */
  private static void add(
      Map<String, Map<String, HandlerMethod>> operations,
      RequestMappingInfo mapping,
      HandlerMethod method) {
    for (String path : mapping.getPatternValues()) {
      if (path.startsWith("/v1/")) {
        for (RequestMethod verb : mapping.getMethodsCondition().getMethods()) {
          operations
              .computeIfAbsent(path, none -> new TreeMap<>())
              .merge(
                  verb.name().toLowerCase(Locale.ROOT),
                  method,
                  (one, other) -> one.getMethod().getReturnType() == void.class ? other : one);
        }
      }
    }
  }

  /** Controllers without anything to do their work: they are looked at, and never called. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class OnlyControllers {

    @Bean
    static BeanDefinitionRegistryPostProcessor controllers() {
      return new BeanDefinitionRegistryPostProcessor() {
        @Override
        public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
          var scanner = new ClassPathScanningCandidateComponentProvider(false);
          scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
          scanner
              .findCandidateComponents("io.agentflow")
              .forEach(found -> register(registry, String.valueOf(found.getBeanClassName())));
        }
      };
    }

    private static void register(BeanDefinitionRegistry registry, String className) {
      Class<?> type = ClassUtils.resolveClassName(className, null);
      registry.registerBeanDefinition(className, definition(type));
    }

    private static <T> RootBeanDefinition definition(Class<T> type) {
      return new RootBeanDefinition(type, () -> new SpringObjenesis().newInstance(type));
    }
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.access.Operations;
import io.agentflow.application.access.Permission;
import io.agentflow.application.access.Role;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPatternParser;

/** The table of permissions, held against the controllers and against the page that shows it. */
class OperationsTest {

  private static final Path PAGE = Path.of("..", "docs", "access.md");

  /** Reads mappings as Spring does when it starts. */
  private static final class Mappings extends RequestMappingHandlerMapping {

    Stream<RequestMappingInfo> of(Class<?> controller) {
      return Arrays.stream(controller.getDeclaredMethods())
          .map((Method method) -> getMappingForMethod(method, controller))
          .filter(Objects::nonNull);
    }
  }

  private static Set<String> mapped() throws ClassNotFoundException {
    StaticApplicationContext nothing = new StaticApplicationContext();
    nothing.refresh();
    Mappings mappings = new Mappings();
    mappings.setApplicationContext(nothing);
    mappings.afterPropertiesSet();
    ClassPathScanningCandidateComponentProvider controllers =
        new ClassPathScanningCandidateComponentProvider(false);
    controllers.addIncludeFilter(new AnnotationTypeFilter(Controller.class));
    Set<String> operations = new TreeSet<>();
    for (var bean : controllers.findCandidateComponents("io.agentflow")) {
      mappings
          .of(Class.forName(bean.getBeanClassName()))
          .forEach(mapping -> operations.addAll(operations(mapping)));
    }
    return operations;
  }

  private static Set<String> operations(RequestMappingInfo mapping) {
    Set<RequestMethod> methods = mapping.getMethodsCondition().getMethods();
    assertThat(methods).as("which methods %s answers", mapping).isNotEmpty();
    return methods.stream()
        .flatMap(
            method ->
                mapping.getPatternValues().stream()
                    .filter(pattern -> !isOpen(pattern))
                    .map(pattern -> method + " " + pattern))
        .collect(Collectors.toSet());
  }

  private static boolean isOpen(String path) {
    return Operations.OPEN_PATHS.stream()
        .map(PathPatternParser.defaultInstance::parse)
        .anyMatch(open -> open.matches(PathContainer.parsePath(path)));
  }

  @Test
  void every_operation_says_which_permission_it_needs_and_none_is_left_over() throws Exception {
    assertThat(mapped()).isEqualTo(new TreeSet<>(Operations.all().keySet()));
  }

  @Test
  void every_permission_is_needed_somewhere_and_held_by_somebody() {
    for (Permission permission : Permission.values()) {
      assertThat(Role.values())
          .as(permission.word())
          .anyMatch(role -> role.permissions().contains(permission));
      if (permission != Permission.AUDIT_ALL_TENANTS) {
        assertThat(Operations.all().values()).contains(permission);
      }
    }
  }

  /** A what-if is asked by a POST, and changes nothing. */
  @Test
  void an_auditor_reads_everything_of_its_tenant_and_changes_nothing() {
    Operations.all()
        .forEach(
            (operation, permission) ->
                assertThat(Role.AUDITOR.permissions().contains(permission))
                    .as(operation)
                    .isEqualTo(
                        (operation.startsWith("GET ")
                                && permission != Permission.OPERATE_PROJECTIONS
                                && permission != Permission.OPERATE_MIRROR)
                            || operation.contains(" /v1/what-ifs")));
  }

  @Test
  void who_has_no_higher_role_looks_at_no_other_tenant() {
    for (Role role : Role.values()) {
      assertThat(role.permissions().contains(Permission.AUDIT_ALL_TENANTS))
          .as(role.word())
          .isEqualTo(role == Role.STEWARD);
    }
  }

  @Test
  void the_page_shows_the_tables_as_they_are() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(page).as("docs/access.md has to show").contains(roles());
    assertThat(page).as("docs/access.md has to show").contains(operations());
    Operations.OPEN_PATHS.forEach(open -> assertThat(page).contains("`GET " + open + "`"));
  }

  private static String roles() {
    StringBuilder table = new StringBuilder("| permission | covers |");
    for (Role role : Role.values()) {
      table.append(' ').append(role.word()).append(" |");
    }
    table.append("\n| --- | --- |").append(" :-: |".repeat(Role.values().length)).append('\n');
    for (Permission permission : Permission.values()) {
      table.append("| `%s` | %s |".formatted(permission.word(), permission.covers()));
      for (Role role : Role.values()) {
        table.append(role.permissions().contains(permission) ? " ✓ |" : " |");
      }
      table.append('\n');
    }
    return table.toString();
  }

  private static String operations() {
    StringBuilder table = new StringBuilder("| operation | needs |\n| --- | --- |\n");
    Operations.all()
        .forEach(
            (operation, permission) ->
                table.append("| `%s` | `%s` |\n".formatted(operation, permission.word())));
    return table.toString();
  }
}

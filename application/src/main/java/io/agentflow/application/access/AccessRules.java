package io.agentflow.application.access;

import io.agentflow.eventstore.LogUnavailable;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.server.resource.BearerTokenErrors;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Nobody passes without a token that is trusted or a key that is good, but for what is open. Each
 * request brings its own: there is no session and no cookie, hence nothing that another site could
 * borrow.
 */
@Configuration(proxyBeanMethods = false)
class AccessRules {

  private static final String SCHEME = "Bearer";

  private final AccessSettings settings;
  private final HandlerExceptionResolver problems;
  private final AuthenticationManager tokens;
  private final ApiKeys keys;

  AccessRules(
      AccessSettings settings,
      HandlerExceptionResolver handlerExceptionResolver,
      TrustedTokens tokens,
      ApiKeys keys) {
    this.settings = settings;
    this.problems = handlerExceptionResolver;
    JwtAuthenticationProvider trusted = new JwtAuthenticationProvider(tokens);
    // What a token grants is told by its claims, which are read later.
    trusted.setJwtAuthenticationConverter(token -> new JwtAuthenticationToken(token, List.of()));
    this.tokens = new ProviderManager(trusted);
    this.keys = keys;
  }

  /** What stands behind the scheme, be it of a token's form or not: RFC 6750, section 2.1. */
  private static @Nullable String bearer(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String bearer = header.substring(SCHEME.length()).strip();
    if (bearer.isEmpty()) {
      throw new OAuth2AuthenticationException(
          BearerTokenErrors.invalidToken("nothing stands behind the scheme"));
    }
    return bearer;
  }

  private Authentication authenticate(Authentication bearer) {
    return bearer instanceof BearerTokenAuthenticationToken sent && ApiKeys.isOne(sent.getToken())
        ? keys.authenticate(bearer)
        : tokens.authenticate(bearer);
  }

  @Bean
  SecurityFilterChain onlyWithToken(HttpSecurity http) {
    return http.authorizeHttpRequests(
            requests ->
                requests
                    .dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                    .permitAll()
                    .requestMatchers(Operations.OPEN_PATHS.toArray(String[]::new))
                    .permitAll()
                    .anyRequest()
                    .authenticated())
        .oauth2ResourceServer(
            server ->
                server
                    .bearerTokenResolver(AccessRules::bearer)
                    .authenticationManagerResolver(request -> this::authenticate)
                    .authenticationEntryPoint(this::refuse)
                    .withObjectPostProcessor(tellingOfFailures()))
        .exceptionHandling(handling -> handling.authenticationEntryPoint(this::refuse))
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .headers(AbstractHttpConfigurer::disable)
        .csrf(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .build();
  }

  /** On every answer, also on those that are given before somebody asks for a token. */
  @Bean
  FilterRegistrationBean<HeaderWriterFilter> headersOnEveryAnswer() {
    FilterRegistrationBean<HeaderWriterFilter> first =
        new FilterRegistrationBean<>(new HeaderWriterFilter(List.of(new AnswerHeaders())));
    first.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return first;
  }

  /** By default a failure to read the issuer's keys would end in an error page. */
  private ObjectPostProcessor<BearerTokenAuthenticationFilter> tellingOfFailures() {
    return new ObjectPostProcessor<>() {
      @Override
      public <F extends BearerTokenAuthenticationFilter> F postProcess(F filter) {
        filter.setAuthenticationFailureHandler(AccessRules.this::refuse);
        return filter;
      }
    };
  }

  /** What a firewall of Spring's turns away, such as a path with an encoded slash. */
  @Bean
  RequestRejectedHandler malformedPaths() {
    return (HttpServletRequest request, HttpServletResponse response, RequestRejectedException e) ->
        problems.resolveException(
            request,
            response,
            null,
            new ResponseStatusException(
                HttpStatus.BAD_REQUEST,
                "the request's path or a header is not of a usual form",
                e));
  }

  private void refuse(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException e) {
    problems.resolveException(request, response, null, refusal(e));
  }

  private RuntimeException refusal(AuthenticationException e) {
    if (e.getCause() instanceof LogUnavailable unavailable) {
      return unavailable;
    }
    return e instanceof AuthenticationServiceException ? new IssuerAway(e) : unauthenticated(e);
  }

  /**
   * Of a token that is not trusted it is only told where it has run out: its bearer can help that.
   */
  private Unauthenticated unauthenticated(AuthenticationException e) {
    if (!(e instanceof OAuth2AuthenticationException)) {
      return new Unauthenticated(
          "send a token or a key as 'Authorization: Bearer TOKEN'; " + whereFrom(), false);
    }
    String fault =
        hasRunOut(e) ? "the token has run out; " : "this server does not trust the token; ";
    return new Unauthenticated(fault + whereFrom(), true);
  }

  private static boolean hasRunOut(AuthenticationException e) {
    return e.getCause() instanceof JwtValidationException invalid
        && invalid.getErrors().stream()
            .allMatch(error -> String.valueOf(error.getDescription()).startsWith("Jwt expired"));
  }

  private String whereFrom() {
    return settings.isDevelopment()
        ? "on this machine 'af token' makes one, with AF_HOME as the server has it"
        : "one of %s is needed, and af sends what AF_TOKEN has".formatted(settings.issuer());
  }
}

package io.agentflow.application.intake;

import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.Identity;
import io.agentflow.application.access.LeasedRequest;
import io.agentflow.application.access.Operations;
import io.agentflow.application.access.Permission;
import io.agentflow.application.access.WorkflowRequest;
import io.agentflow.domain.tenant.Scope;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Lets a caller pass who has the permission that the operation needs, in the part of the tenant in
 * which the request stands; an agent only where it acts as itself. An operation of which nobody
 * said what it needs is refused.
 */
@Configuration(proxyBeanMethods = false)
class AccessControl implements HandlerInterceptor, WebMvcConfigurer {

  private final ScopeOfRequest scopes;

  AccessControl(ScopeOfRequest scopes) {
    this.scopes = scopes;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).addPathPatterns("/**").excludePathPatterns(Operations.OPEN_PATHS);
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method
        && request.getDispatcherType() == DispatcherType.REQUEST) {
      check(request, method);
    }
    return true;
  }

  private void check(HttpServletRequest request, HandlerMethod method) {
    String pattern =
        String.valueOf(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE));
    Permission needed =
        Operations.needed(request.getMethod(), pattern)
            .orElseThrow(() -> Forbidden.unlisted(request.getMethod() + " " + pattern));
    if (!(request.getAttribute("caller") instanceof Caller caller)) {
      throw Forbidden.without(needed);
    }
    if (needed == Permission.READ_SELF) {
      return; // also for who has no role: it may know that
    }
    Identity identity = caller.identity();
    if (!identity.mayAnywhere(needed)) {
      throw Forbidden.without(needed);
    }
    String agentId = identity.agentId();
    if (agentId != null
        && !agentId.equals(agentIn(request))
        && !takes(method, LeasedRequest.class)) {
      throw Forbidden.toAgent("this token may act only as the agent " + agentId);
    }
    if (!takes(method, WorkflowRequest.class)) {
      checkScope(request, pattern, needed, caller);
    }
  }

  private void checkScope(
      HttpServletRequest request, String pattern, Permission needed, Caller caller) {
    boolean bound = caller.identity().isBoundToParts();
    Scope scope = bound ? scopes.of(caller.tenantId(), request, pattern) : Scope.TENANT;
    checkIn(scope, needed, caller);
    Scope other = bound ? scopes.ofOther(caller.tenantId(), request, pattern) : null;
    if (other != null) {
      checkIn(other, needed, caller);
    }
    request.setAttribute("caller", caller.in(scope));
  }

  private static void checkIn(Scope scope, Permission needed, Caller caller) {
    if (!caller.identity().may(needed, scope)) {
      throw Forbidden.without(needed, scope);
    }
  }

  /** Of whom the path speaks; null where it names no agent. */
  private static @Nullable Object agentIn(HttpServletRequest request) {
    return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
            instanceof Map<?, ?> variables
        ? variables.get("agentId")
        : null;
  }

  /** Whether its body is looked at when it is read. */
  private static boolean takes(HandlerMethod method, Class<?> body) {
    return Arrays.stream(method.getMethodParameters())
        .map(MethodParameter::getParameterType)
        .anyMatch(body::isAssignableFrom);
  }
}

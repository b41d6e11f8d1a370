package io.agentflow.application.intake;

import io.agentflow.application.CurrentTenant;
import io.agentflow.application.access.AccessSettings;
import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.Identity;
import io.agentflow.domain.InvalidField;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Names the caller once a request: as attributes {@code caller} and {@code tenantId}. Whoever comes
 * without a token, to what is open, is nobody.
 */
@Component
@Order(2)
class CallerFilter extends OncePerRequestFilter {

  private final AccessSettings settings;
  private final HandlerExceptionResolver handlerExceptionResolver;

  CallerFilter(AccessSettings settings, HandlerExceptionResolver handlerExceptionResolver) {
    this.settings = settings;
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String tenantId = CurrentTenant.NOBODY;
    if (SecurityContextHolder.getContext().getAuthentication()
        instanceof JwtAuthenticationToken token) {
      try {
        Identity identity = Identity.of(token.getToken().getClaims(), settings);
        Caller caller = Caller.of(identity, request);
        request.setAttribute("caller", caller);
        request.setAttribute("tenantId", caller.tenantId());
        tenantId = caller.tenantId();
      } catch (Forbidden | InvalidField e) {
        handlerExceptionResolver.resolveException(request, response, null, e);
        return;
      }
    }
    try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
      chain.doFilter(request, response);
    }
  }
}

package io.agentflow.application.intake;

import io.agentflow.domain.InvalidField;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Names the caller once a request: as attributes {@code caller} and {@code tenantId}. */
@Component
@Order(2)
class CallerFilter extends OncePerRequestFilter {

  private final HandlerExceptionResolver handlerExceptionResolver;

  CallerFilter(HandlerExceptionResolver handlerExceptionResolver) {
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      Caller caller = Caller.of(request);
      request.setAttribute("caller", caller);
      request.setAttribute("tenantId", caller.tenantId());
    } catch (InvalidField e) {
      handlerExceptionResolver.resolveException(request, response, null, e);
      return;
    }
    chain.doFilter(request, response);
  }
}

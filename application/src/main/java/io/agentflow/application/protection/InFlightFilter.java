package io.agentflow.application.protection;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Keeps a node from beginning more than it can hold in memory: who comes then is to ask again. */
@Component
@Order(1)
class InFlightFilter extends OncePerRequestFilter {

  /** These wait for something to happen, and hold nothing meanwhile. */
  private static final Pattern WAITING =
      Pattern.compile("/v1/agents/[^/]+/leases|/v1/events|/v1/(what-ifs|replays)/[^/]+");

  private final Semaphore places;
  private final int placesMax;
  private final HandlerExceptionResolver handlerExceptionResolver;

  InFlightFilter(ProtectionSettings settings, HandlerExceptionResolver handlerExceptionResolver) {
    this.placesMax = settings.requestsInFlight();
    this.places = new Semaphore(placesMax);
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return WAITING.matcher(request.getRequestURI()).matches();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!places.tryAcquire()) {
      handlerExceptionResolver.resolveException(request, response, null, new Overloaded(placesMax));
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      places.release();
    }
  }
}

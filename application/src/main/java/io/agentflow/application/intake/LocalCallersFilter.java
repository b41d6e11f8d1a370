package io.agentflow.application.intake;

import io.agentflow.application.access.AccessSettings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Keeps web pages out in development. A browser on this machine can reach loopback too, and would
 * carry out what any page asks of it: so a request that a page sent ({@code Origin}), or that was
 * sent to another name than this machine's ({@code Host}, DNS rebinding), is refused whatever token
 * it brings. Where an issuer is named the server is not for this machine alone, and tokens decide.
 */
@Component
@Order(0)
class LocalCallersFilter extends OncePerRequestFilter {

  private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  private final AccessSettings settings;
  private final HandlerExceptionResolver handlerExceptionResolver;

  LocalCallersFilter(AccessSettings settings, HandlerExceptionResolver handlerExceptionResolver) {
    this.settings = settings;
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !settings.isDevelopment();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getHeader("Origin") == null && LOCAL_NAMES.contains(request.getServerName())) {
      chain.doFilter(request, response);
    } else {
      handlerExceptionResolver.resolveException(request, response, null, new NotLocal());
    }
  }

  /** A web page asked, or the server was addressed by a name that is not this machine's. */
  static final class NotLocal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotLocal() {
      super("send requests to localhost, and not from a web page");
    }
  }
}

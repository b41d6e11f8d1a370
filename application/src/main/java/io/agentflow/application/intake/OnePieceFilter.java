package io.agentflow.application.intake;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Has an answer that fits into the web server's buffer sent in one piece, with its length. Spring
 * flushes each body as soon as it is written, by which the end of the answer becomes a packet of
 * its own. Who flushes the stream itself, as those do who tell things as they happen, is heard.
 */
@Component
@Order(7)
class OnePieceFilter extends OncePerRequestFilter {

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(request, new OnePiece(response));
  }

  private static final class OnePiece extends HttpServletResponseWrapper {

    OnePiece(HttpServletResponse response) {
      super(response);
    }

    /** The web server does so when the answer is complete. */
    @Override
    public void flushBuffer() {}
  }
}

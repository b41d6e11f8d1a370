package io.agentflow.application.intake;

import io.agentflow.application.stream.CutOff;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Does not wait long for a body that nobody reads, since its request was refused by its headers:
 * the answer is out, and who goes on sending slowly loses the connection. Tomcat would read on for
 * as long as bytes come.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class UnreadBodyFilter extends OncePerRequestFilter {

  private static final Logger LOG = LoggerFactory.getLogger(UnreadBodyFilter.class);
  private static final long PASSED_OVER_BYTES_MAX = 2_097_152;

  private final Duration within;

  UnreadBodyFilter(@Value("${agentflow.body-time}") Duration within) {
    this.within = within;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(request, response);
    if (request.isAsyncStarted() || response.getStatus() == HttpStatus.REQUEST_TIMEOUT.value()) {
      return;
    }
    ServletInputStream body = request.getInputStream();
    if (!body.isFinished()) {
      response.flushBuffer();
      if (!isPassedOver(body) && request.getAttribute(CutOff.ATTRIBUTE) instanceof CutOff cutOff) {
        cutOff.run();
      }
    }
  }

  private boolean isPassedOver(ServletInputStream body) {
    try {
      return new BodyInTime(body, within).isPassedOver(PASSED_OVER_BYTES_MAX);
    } catch (IOException e) {
      LOG.debug("the rest of a body did not come", e);
      return false;
    }
  }
}

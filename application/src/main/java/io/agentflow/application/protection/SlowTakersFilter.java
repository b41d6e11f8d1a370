package io.agentflow.application.protection;

import io.agentflow.application.stream.CutOff;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Cuts off who takes too long over an answer, and so holds its place. Counted from when the body is
 * here, and only once the answer has begun: until then the limits of the log and of the database
 * count, which end in an answer.
 */
@Component
@Order(5)
class SlowTakersFilter extends OncePerRequestFilter {

  private static final Logger LOG = LoggerFactory.getLogger(SlowTakersFilter.class);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(500);

  /** These last as long as the log is long; who takes nothing of them is cut off all the same. */
  private static final Pattern LONG =
      Pattern.compile("/v1/events|/v1/audit/.*|/v1/bridge/verification|/v1/what-ifs/.*/result");

  private final Duration within;
  private final Set<Answer> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("slow-takers").daemon().factory());

  /** By identity: two answers are never the same. */
  private static final class Answer {

    private final long lateAtNanos;
    private final HttpServletResponse response;
    private final CutOff cutOff;

    Answer(long lateAtNanos, HttpServletResponse response, CutOff cutOff) {
      this.lateAtNanos = lateAtNanos;
      this.response = response;
      this.cutOff = cutOff;
    }
  }

  SlowTakersFilter(@Value("${agentflow.answer-time}") Duration within) {
    this.within = within;
    var _ =
        looking.scheduleWithFixedDelay(
            this::look,
            LOOK_AGAIN_AFTER.toMillis(),
            LOOK_AGAIN_AFTER.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void destroy() {
    looking.shutdownNow();
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return LONG.matcher(request.getRequestURI()).matches();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!(request.getAttribute(CutOff.ATTRIBUTE) instanceof CutOff cutOff)) {
      chain.doFilter(request, response);
      return;
    }
    Answer answer = new Answer(System.nanoTime() + within.toNanos(), response, cutOff);
    open.add(answer);
    try {
      chain.doFilter(request, response);
    } finally {
      open.remove(answer);
    }
  }

  private void look() {
    try {
      long nowNanos = System.nanoTime();
      for (Answer answer : open) {
        if (nowNanos - answer.lateAtNanos > 0 && answer.response.isCommitted()) {
          LOG.info("an answer is cut off, as its client took longer than {} s", within.toSeconds());
          answer.cutOff.run();
        }
      }
    } catch (RuntimeException e) {
      LOG.error("slow clients are not looked for; trying again", e);
    }
  }
}

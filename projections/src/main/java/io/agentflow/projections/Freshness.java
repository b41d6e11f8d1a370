package io.agentflow.projections;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;

/**
 * Reading one's own writes: a query that names a position (header {@value #HEADER}) is answered
 * only once its table has passed it.
 */
@Component
public class Freshness {

  public static final String HEADER = "AF-Consistent-With";

  private static final Duration WAIT_MAX = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(2);

  private final ToLongFunction<String> projectedPosition;

  /**
   * Waits on what the event processors say.
   *
   * @param projectedPosition the last position a processing group has passed; 0 before its first
   */
  public Freshness(ToLongFunction<String> projectedPosition) {
    this.projectedPosition = projectedPosition;
  }

  /**
   * Returns once the processing group has passed the position, at once when none is named.
   *
   * @throws ProjectionBehind when it has not within five seconds
   */
  public void await(String processingGroup, @Nullable Long position) {
    if (position == null) {
      return;
    }
    long deadlineNanos = System.nanoTime() + WAIT_MAX.toNanos();
    while (projectedPosition.applyAsLong(processingGroup) < position) {
      if (System.nanoTime() > deadlineNanos) {
        throw new ProjectionBehind(processingGroup, position);
      }
      LockSupport.parkNanos(LOOK_AGAIN_AFTER.toNanos());
    }
  }

  /** The table has not reached the position that the caller asked for; asking again will help. */
  public static final class ProjectionBehind extends ResponseStatusException {

    private static final long serialVersionUID = 1L;

    ProjectionBehind(String processingGroup, long position) {
      super(
          HttpStatus.SERVICE_UNAVAILABLE,
          "%s has not yet passed position %d; ask again in a second"
              .formatted(processingGroup, position));
    }

    @Override
    public HttpHeaders getHeaders() {
      HttpHeaders headers = new HttpHeaders();
      headers.set(HttpHeaders.RETRY_AFTER, "1");
      return headers;
    }
  }
}

package io.agentflow.projections;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.server.ResponseStatusException;

/**
 * How fresh an answer is. A query that names a position (header {@value #HEADER}) is answered only
 * once its tables have passed it: so one reads one's own writes. Each answer says which position
 * they had passed, in {@value #POSITION_HEADER}, and in {@value #LAG_HEADER} how many events of the
 * log were not yet in them.
 */
public final class Freshness {

  public static final String HEADER = "AF-Consistent-With";
  public static final String POSITION_HEADER = "AF-Projected-Position";
  public static final String LAG_HEADER = "AF-Projection-Lag";

  private static final Duration WAIT_MAX = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(2);

  private final ToLongFunction<String> projectedPosition;
  private final LongSupplier logPosition;

  /**
   * Waits on what the event processors say.
   *
   * @param projectedPosition the last position a projection has passed; 0 before its first
   * @param logPosition where the log ends
   */
  public Freshness(ToLongFunction<String> projectedPosition, LongSupplier logPosition) {
    this.projectedPosition = projectedPosition;
    this.logPosition = logPosition;
  }

  /**
   * Returns once the projection has passed the position, at once when none is named.
   *
   * @throws ProjectionBehind when it has not within five seconds
   */
  public void await(String projection, @Nullable Long position) {
    long deadlineNanos = System.nanoTime() + WAIT_MAX.toNanos();
    long passed = projectedPosition.applyAsLong(projection);
    while (position != null && passed < position) {
      if (System.nanoTime() > deadlineNanos) {
        throw new ProjectionBehind(projection, position);
      }
      LockSupport.parkNanos(LOOK_AGAIN_AFTER.toNanos());
      passed = projectedPosition.applyAsLong(projection);
    }
    tell(passed);
  }

  /** Of several tables that an answer is made of, the one that is furthest behind counts. */
  private void tell(long passed) {
    HttpServletResponse response =
        RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request
            ? request.getResponse()
            : null;
    if (response != null) {
      String told = response.getHeader(POSITION_HEADER);
      long least = told == null ? passed : Math.min(passed, Long.parseLong(told));
      response.setHeader(POSITION_HEADER, Long.toString(least));
      response.setHeader(LAG_HEADER, Long.toString(Math.max(0, logPosition.getAsLong() - least)));
    }
  }

  /** The table has not reached the position that the caller asked for; asking again will help. */
  public static final class ProjectionBehind extends ResponseStatusException {

    private static final long serialVersionUID = 1L;

    ProjectionBehind(String projection, long position) {
      super(
          HttpStatus.SERVICE_UNAVAILABLE,
          "%s has not yet passed position %d; ask again in a second"
              .formatted(projection, position));
    }

    @Override
    public HttpHeaders getHeaders() {
      HttpHeaders headers = new HttpHeaders();
      headers.set(HttpHeaders.RETRY_AFTER, "1");
      return headers;
    }
  }
}

package io.agentflow.projections;

import java.time.Clock;
import java.time.Instant;
import java.util.stream.Stream;

/** The past of an empty log, for tables that are asked what they say now. */
final class NoPast implements PastPositions {

  static final Past PAST =
      new Past(
          (tenantId, aggregateId, afterPosition, lastPosition) -> Stream.empty(),
          new NoPast(),
          Clock.systemUTC());

  private NoPast() {}

  @Override
  public long head() {
    return 0;
  }

  @Override
  public long at(String tenantId, Instant time) {
    return 0;
  }
}

package io.agentflow.application;

import io.agentflow.eventstore.TenantLog;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** What things began as, by their ids: the first event of each, read from the log. */
@Component
public final class FirstEvents implements Function<String, Optional<Object>> {

  private static final long BEFORE_THE_FIRST = -1;

  private final TenantLog log;
  private final StoredEvents events;

  FirstEvents(TenantLog log, StoredEvents events) {
    this.log = log;
    this.events = events;
  }

  @Override
  public Optional<Object> apply(String aggregateId) {
    return log.ofAggregate(aggregateId, BEFORE_THE_FIRST, 1).stream().findFirst().map(events::of);
  }

  /** The same of one tenant's things alone. */
  public Optional<Object> of(String tenantId, String aggregateId) {
    return log.ofAggregate(tenantId, aggregateId, BEFORE_THE_FIRST, 1).stream()
        .findFirst()
        .map(events::of);
  }
}

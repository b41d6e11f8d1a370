package io.agentflow.application;

import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import java.util.Optional;
import java.util.function.Function;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.stereotype.Component;

/** What things began as, by their ids: the first event of each, read from the log. */
@Component
public final class FirstEvents implements Function<String, Optional<Object>> {

  private static final long BEFORE_THE_FIRST = -1;

  private final TenantLog log;
  private final SpokenNameSerializer events;

  FirstEvents(TenantLog log, SpokenNameSerializer events) {
    this.log = log;
    this.events = events;
  }

  @Override
  public Optional<Object> apply(String aggregateId) {
    return log.ofAggregate(aggregateId, BEFORE_THE_FIRST, 1).stream()
        .findFirst()
        .map(
            entry ->
                events.<String, Object>deserialize(
                    new SimpleSerializedObject<>(
                        entry.payload(),
                        String.class,
                        entry.eventType(),
                        Integer.toString(entry.eventVersion()))));
  }
}

package io.agentflow.application;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.stereotype.Component;

/** Reads what an entry of the log tells, whichever version it was written in. */
@Component
public final class StoredEvents {

  private final SpokenNameSerializer events;

  public StoredEvents(SpokenNameSerializer events) {
    this.events = events;
  }

  /** The event that the entry has. */
  public Object of(LogEntry entry) {
    return events.<String, Object>deserialize(
        new SimpleSerializedObject<>(
            entry.payload(),
            String.class,
            entry.eventType(),
            Integer.toString(entry.eventVersion())));
  }
}

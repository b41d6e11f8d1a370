package io.agentflow.application;

import io.agentflow.domain.EventNames;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import java.util.Map;
import java.util.stream.Collectors;
import org.axonframework.serialization.SimpleSerializedObject;
import org.springframework.stereotype.Component;

/** Reads what an entry of the log tells, whichever version it was written in. */
@Component
public final class StoredEvents {

  private final SpokenNameSerializer events;

  StoredEvents(SpokenNameSerializer events) {
    this.events = events;
  }

  /** The same for entries that are in no log here. */
  public static StoredEvents ofFiles() {
    return new StoredEvents(new SpokenNameSerializer(known()));
  }

  /**
   * What is known here: the domain says how its events are called, and the log remembers them so.
   */
  public static EventTypes known() {
    return new EventTypes(
        EventNames.byClass().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    event -> new EventType(event.getValue().value(), event.getValue().version()))),
        Upcasters.all());
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

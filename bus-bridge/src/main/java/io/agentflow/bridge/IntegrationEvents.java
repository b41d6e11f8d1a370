package io.agentflow.bridge;

import io.agentflow.bridge.integration.IntegrationEvent;
import io.agentflow.eventstore.EntrySelection;
import io.agentflow.eventstore.LogEntry;
import java.util.Optional;

/** The stream of public events, each made of one entry. */
record IntegrationEvents() implements StreamContent {

  private static final String TYPE_PREFIX = "public.";

  @Override
  public BusStream stream() {
    return BusStream.AF_EVENTS;
  }

  @Override
  public EntrySelection selection() {
    return EntrySelection.ALL.ofEvents(IntegrationEvent.entryTypes());
  }

  @Override
  public Optional<StreamMessage> message(LogEntry entry, long bodyBytesMax) {
    return IntegrationEvent.of(entry).map(event -> message(event, bodyBytesMax));
  }

  private static StreamMessage message(IntegrationEvent event, long bodyBytesMax) {
    return new StreamMessage(
        event.subject(),
        MessageHeaders.of(
            event.entry(),
            event.eventId().toString(),
            TYPE_PREFIX + event.type().spokenName(),
            event.type().schemaId()),
        event.body(bodyBytesMax));
  }
}

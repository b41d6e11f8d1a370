package io.agentflow.bridge;

import io.agentflow.eventstore.EntrySelection;
import io.agentflow.eventstore.LogEntry;
import java.util.Optional;
import java.util.Set;

/**
 * A stream of the mirror: its entries as envelopes, each under the subject that is meant for it.
 */
record MirroredEntries(BusStream stream) implements StreamContent {

  private static final Set<String> TOOLS = Set.of("workflow.tool-called", "workflow.tool-returned");

  /** What nobody claims is selected by the last stream, whose subject then refuses it aloud. */
  @Override
  public EntrySelection selection() {
    return switch (stream) {
      case AF_MESSAGES -> EntrySelection.ALL.ofAggregates("workflow", "agent").exceptEvents(TOOLS);
      case AF_TOOLS -> EntrySelection.ALL.ofEvents(TOOLS);
      case AF_SYSTEM -> EntrySelection.ALL.exceptAggregates("workflow", "agent");
      case AF_EVENTS, AF_REPLAYS -> throw new IllegalStateException(stream + " mirrors nothing");
    };
  }

  @Override
  public Optional<StreamMessage> message(LogEntry entry, long bodyBytesMax) {
    Subject subject = Subject.of(entry);
    return subject.stream() == stream
        ? Optional.of(
            new StreamMessage(
                subject.name(),
                MessageHeaders.of(entry),
                Envelope.of(entry, subject, bodyBytesMax)))
        : Optional.empty();
  }
}

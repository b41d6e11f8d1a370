package io.agentflow.bridge;

import io.agentflow.eventstore.EntrySelection;
import io.agentflow.eventstore.LogEntry;
import java.util.Optional;

/**
 * What a stream tells of the log. The same entry gives the same message on every node and at any
 * time, so that a stream can be compared with the log, and filled from it again.
 */
public interface StreamContent {

  /** Which stream. */
  BusStream stream();

  /** Which entries can have a message here; the log is read by it. */
  EntrySelection selection();

  /**
   * The entry's message, whose id no other message of the stream has.
   *
   * @param bodyBytesMax the largest body that the server takes; what is larger is told by reference
   * @return empty when the stream tells nothing of the entry
   */
  Optional<StreamMessage> message(LogEntry entry, long bodyBytesMax);
}

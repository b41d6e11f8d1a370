package io.agentflow.application.history;

import io.agentflow.application.StoredEvents;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.eventstore.LogEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way along one workflow's history, on which each entry is read and folded once. Holds a
 * stretch of entries and the state, however long the history is.
 */
final class HistoryWalk {

  private static final int READ_ENTRIES = 500;

  /** Where entries come from: the log, or a file. */
  @FunctionalInterface
  interface Entries {
    /** The workflow's entries after a sequence number, in order, at most so many. */
    List<LogEntry> after(long sequence, int limit);
  }

  /**
   * A point on the way.
   *
   * @param state what is so with this entry
   */
  record Point(LogEntry entry, WorkflowEvent event, Workflow state) {}

  private final Entries entries;
  private final StoredEvents events;
  private final Deque<LogEntry> read = new ArrayDeque<>();
  private long sequence;
  private Workflow state;

  /**
   * A way that begins behind an entry.
   *
   * @param sequence that entry's number; -1 for the beginning
   * @param state what was so with it
   */
  HistoryWalk(Entries entries, StoredEvents events, long sequence, Workflow state) {
    this.entries = entries;
    this.events = events;
    this.sequence = sequence;
    this.state = state;
  }

  static HistoryWalk fromTheBeginning(Entries entries, StoredEvents events) {
    return new HistoryWalk(entries, events, -1, Workflow.initial());
  }

  /** The next entry, and what it led to; null at the end. */
  @Nullable Point next() {
    if (read.isEmpty()) {
      read.addAll(entries.after(sequence, READ_ENTRIES));
    }
    LogEntry entry = read.poll();
    if (entry == null) {
      return null;
    }
    WorkflowEvent event = (WorkflowEvent) events.of(entry);
    sequence = entry.sequenceNumber();
    state = Workflow.evolve(state, event);
    return new Point(entry, event, state);
  }

  /** Goes on to an entry that lies ahead, or stays where the way is; what is so there. */
  Workflow stateAt(long atSequence) {
    while (sequence < atSequence && next() != null) {}
    return state;
  }
}

package io.agentflow.application.history;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentflow.application.history.WorkflowHistories.Of;
import io.agentflow.domain.workflow.Workflow;
import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The states that long histories led to, at intervals, kept for a while: whoever asks for a state
 * gets it folded from the last of them that is not behind it. Always the same as folded from the
 * beginning, because what was appended never changes.
 */
final class FoldedStates {

  static final int EVERY_ENTRIES = 1_000;

  /** Of all histories together: a state is about as large as its history is long. */
  private static final long ENTRIES_MAX = 250_000;

  private static final Duration KEPT_FOR = Duration.ofMinutes(5);

  private final int every;
  private final Cache<Of, NavigableMap<Long, Workflow>> kept =
      Caffeine.newBuilder()
          .maximumWeight(ENTRIES_MAX)
          .weigher(
              (Of of, NavigableMap<Long, Workflow> states) -> Math.toIntExact(states.lastKey()))
          .expireAfterAccess(KEPT_FOR)
          .build();

  /**
   * None yet.
   *
   * @param every so many entries one is kept
   */
  FoldedStates(int every) {
    this.every = every;
  }

  /** The way on from the beginning, or from a state behind an entry. */
  @FunctionalInterface
  interface Ways {
    /**
     * The way that begins there.
     *
     * @param sequence the entry's number; -1 for the beginning
     */
    HistoryWalk from(long sequence, Workflow state);
  }

  /** What was so with this entry of the history. */
  Workflow at(Of of, long sequence, Ways ways) {
    Map.Entry<Long, Workflow> nearest = nearest(of, sequence);
    HistoryWalk walk =
        nearest == null
            ? ways.from(-1, Workflow.initial())
            : ways.from(nearest.getKey(), nearest.getValue());
    long next = nearest == null ? every : nearest.getKey() + every;
    for (; next <= sequence; next += every) {
      keep(of, next, walk.stateAt(next));
    }
    return walk.stateAt(sequence);
  }

  private Map.@Nullable Entry<Long, Workflow> nearest(Of of, long sequence) {
    NavigableMap<Long, Workflow> states = kept.getIfPresent(of);
    return states == null ? null : states.floorEntry(sequence);
  }

  private void keep(Of of, long sequence, Workflow state) {
    NavigableMap<Long, Workflow> states =
        kept.asMap().getOrDefault(of, new ConcurrentSkipListMap<>());
    states.put(sequence, state);
    kept.put(of, states); // weighs it anew
  }
}

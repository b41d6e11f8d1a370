package io.agentflow.application.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.StoredEvents;
import io.agentflow.application.history.WorkflowHistories.Of;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.eventstore.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** States that are folded from kept ones are those that are folded from the beginning. */
class FoldedStatesTest {

  private static final Of OF = new Of("acme", RandomHistory.ID.value());
  private static final int EVERY = 7;

  private final StoredEvents events = StoredEvents.ofFiles();
  private final List<Long> begunAt = new ArrayList<>();

  private HistoryWalk from(List<LogEntry> entries, long sequence, Workflow state) {
    begunAt.add(sequence);
    return new HistoryWalk(
        (after, limit) ->
            entries.subList((int) after + 1, Math.min(entries.size(), (int) after + 1 + limit)),
        events,
        sequence,
        state);
  }

  private Workflow fromTheBeginning(List<LogEntry> entries, long sequence) {
    return from(entries, -1, Workflow.initial()).stateAt(sequence);
  }

  @Test
  void at_random_points_in_random_order_both_are_the_same() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 40; i++) {
      List<LogEntry> entries = RandomHistory.eventful(seed + i);
      FoldedStates folded = new FoldedStates(EVERY);
      for (int asked = 0; asked < 40; asked++) {
        int sequence = random.nextInt(entries.size());
        assertThat(folded.at(OF, sequence, (after, state) -> from(entries, after, state)))
            .as("seed %d, history %d, entry %d", seed, i, sequence)
            .isEqualTo(fromTheBeginning(entries, sequence));
      }
    }
  }

  @Test
  void what_was_folded_once_is_begun_at_the_last_kept_state_that_is_not_behind() {
    List<LogEntry> entries = RandomHistory.eventful(1);
    FoldedStates folded = new FoldedStates(EVERY);
    for (long sequence : new long[] {15, 15, 14, 13, 6, 20}) {
      Workflow _ = folded.at(OF, sequence, (after, state) -> from(entries, after, state));
    }
    assertThat(begunAt).containsExactly(-1L, 14L, 14L, 7L, -1L, 14L);

    Of another = new Of("globex", OF.workflowId());
    Workflow _ = folded.at(another, 15, (after, state) -> from(entries, after, state));
    assertThat(begunAt.getLast()).isEqualTo(-1L);
  }
}

package io.agentflow.application.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.history.StateDiff.Difference;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StateDiffTest {

  private static final int HISTORIES = 60;
  private static final int PAIRS = 20;

  @Test
  void equal_states_do_not_differ_and_what_differs_leads_from_one_to_the_other() {
    long seed = new Random().nextLong();
    for (int i = 0; i < HISTORIES; i++) {
      List<WorkflowState> states = RandomHistory.states(RandomHistory.entries(seed + i));
      Random random = new Random(seed + i);
      for (int pair = 0; pair < PAIRS; pair++) {
        WorkflowState before = states.get(random.nextInt(states.size()));
        WorkflowState after = states.get(random.nextInt(states.size()));
        List<Difference> differences = StateDiff.between(before, after);
        assertThat(StateDiff.between(before, before)).as("seed %d", seed + i).isEmpty();
        assertThat(applied(differences, StateDiff.rendered(before)))
            .as("seed %d", seed + i)
            .isEqualTo(StateDiff.rendered(after));
        assertThat(differences.isEmpty()).as("seed %d", seed + i).isEqualTo(before.equals(after));
        assertThat(differences)
            .as("seed %d: what there was is told", seed + i)
            .allSatisfy(
                difference ->
                    assertThat(difference.before())
                        .isEqualTo(StateDiff.rendered(before).get(difference.path())));
      }
    }
  }

  private static Map<String, JsonNode> applied(
      List<Difference> differences, Map<String, JsonNode> rendered) {
    Map<String, JsonNode> applied = new TreeMap<>(rendered);
    for (Difference difference : differences) {
      if (difference.after() == null) {
        applied.remove(difference.path());
      } else {
        applied.put(difference.path(), difference.after());
      }
    }
    return applied;
  }

  @Test
  void a_step_stands_under_its_id() {
    List<WorkflowState> states = RandomHistory.states(RandomHistory.eventful(1));

    assertThat(StateDiff.rendered(states.getFirst())).containsKey("/labels/team");
    assertThat(
            states.stream()
                .map(StateDiff::rendered)
                .flatMap(rendered -> rendered.keySet().stream()))
        .contains(
            "/plan/steps/collect/status", "/plan/steps/parse/status", "/plan/steps/send/needs");
  }
}

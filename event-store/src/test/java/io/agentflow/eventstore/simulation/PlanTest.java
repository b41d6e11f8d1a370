package io.agentflow.eventstore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.simulation.Plan.Fault;
import io.agentflow.eventstore.simulation.Plan.PlannedUnit;
import io.agentflow.eventstore.simulation.Plan.Round;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PlanTest {

  private static final long[] SEEDS = LongStream.range(-20, 20).toArray();

  @Test
  void the_same_seed_gives_the_same_plan_and_another_seed_another() {
    for (long seed : SEEDS) {
      Plan plan = Plan.of(seed);
      Round round = plan.rounds().getFirst();

      assertThat(Plan.of(seed)).isEqualTo(plan);
      assertThat(Plan.of(seed).units(round, 1, 2, 0)).isEqualTo(plan.units(round, 1, 2, 0));
      assertThat(Plan.of(seed + 1)).isNotEqualTo(plan);
    }
  }

  @Test
  void no_two_writers_share_their_luck() {
    Plan plan = Plan.of(7);
    Round round = plan.rounds().getFirst();
    List<List<PlannedUnit>> units =
        List.of(
            plan.units(round, 0, 0, 0),
            plan.units(round, 0, 0, 1),
            plan.units(round, 1, 0, 0),
            plan.units(round, 0, 1, 0),
            plan.units(plan.rounds().getLast(), 0, 0, 0));

    assertThat(units).doesNotHaveDuplicates();
  }

  @Test
  void every_plan_breaks_everything_in_the_order_of_progress_and_ends_calmly() {
    for (long seed : SEEDS) {
      List<Round> rounds = Plan.of(seed).rounds();

      assertThat(rounds.stream().flatMap(round -> round.faults().stream()))
          .extracting(Fault::getClass)
          .contains(
              Plan.TerminateBackends.class,
              Plan.RestartDatabase.class,
              Plan.KillNode.class,
              Plan.PauseNode.class,
              Plan.BreakCommit.class);
      assertThat(rounds)
          .allSatisfy(
              round ->
                  assertThat(round.faults())
                      .extracting(fault -> fault.when().unitsPercent())
                      .isSorted());
      assertThat(rounds.getLast().faults()).isEmpty();
    }
  }
}

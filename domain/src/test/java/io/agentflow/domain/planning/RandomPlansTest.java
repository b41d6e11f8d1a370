package io.agentflow.domain.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.PlanFacts.AgentFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds for every plan, tried on many: the seed of a failure stands in its message. */
class RandomPlansTest {

  private static final int PLANS = 20_000;
  private static final String NOWHERE = "nowhere";

  @Test
  void a_plan_is_admitted_exactly_when_its_steps_can_be_put_in_an_order() {
    int admitted = 0;
    for (int seed = 0; seed < PLANS; seed++) {
      Plan plan = planOfNeeds(new Random(seed));
      List<PlanFault> faults = PlanCheck.faults(plan, PlanFacts.NONE);

      assertThat(faults.isEmpty())
          .as("seed %d: %s for %s", seed, faults, plan)
          .isEqualTo(canBeOrdered(plan));
      admitted += faults.isEmpty() ? 1 : 0;
    }
    assertThat(admitted).isBetween(PLANS / 10, PLANS * 9 / 10);
  }

  @Test
  void every_step_that_cannot_become_ready_is_told_and_no_other() {
    for (int seed = 0; seed < PLANS; seed++) {
      Plan plan = planOfNeeds(new Random(seed));
      Set<String> told = new HashSet<>();
      Set<String> cycles = new HashSet<>();
      for (PlanFault fault : PlanCheck.faults(plan, PlanFacts.NONE)) {
        int place = Integer.parseInt(fault.at().replaceAll("\\D", ""));
        told.add(plan.steps().get(place).stepId());
        if (fault.fault().contains("circle: ")) {
          List<String> cycle = cycle(fault);
          assertThat(cycles.add(fault.fault())).as("seed %d: %s twice", seed, cycle).isTrue();
          assertIsCycleOf(plan, cycle, seed);
          told.addAll(cycle);
        }
      }
      assertThat(told).as("seed %d: %s", seed, plan).isEqualTo(neverReady(plan));
    }
  }

  @Test
  void no_plan_at_all_makes_the_check_fail() {
    for (int seed = 0; seed < PLANS; seed++) {
      Random random = new Random(seed);
      Plan plan = wildPlan(random);
      PlanFacts facts =
          random.nextBoolean()
              ? PlanFacts.NONE
              : new PlanFacts(
                  Map.of(text(random), new AgentFacts(texts(random), texts(random))),
                  new Spend(number(random), number(random)));
      assertThatCode(() -> PlanCheck.faults(plan, facts))
          .as("seed %d: %s", seed, plan)
          .doesNotThrowAnyException();
    }
  }

  /** Up to twelve steps, each with an id of its own, of which some need one another at random. */
  private static Plan planOfNeeds(Random random) {
    List<String> ids = IntStream.range(0, 1 + random.nextInt(12)).mapToObj(i -> "s" + i).toList();
    int needsMax = 1 + random.nextInt(2);
    List<StepDraft> drafts = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      Set<String> needs = new HashSet<>();
      for (int n = random.nextInt(needsMax + 1); n > 0; n--) {
        // Most look back, so that a good part of the plans has an order.
        int among = random.nextInt(8) == 0 ? ids.size() : i;
        if (among > 0) {
          needs.add(random.nextInt(40) == 0 ? NOWHERE : ids.get(random.nextInt(among)));
        }
      }
      drafts.add(StepDraft.tool(ids.get(i)).needs(List.copyOf(needs)));
    }
    return StepDraft.plan(drafts);
  }

  /** By its definition: all needs are known, and no step needs itself over any way. */
  private static boolean canBeOrdered(Plan plan) {
    int size = plan.steps().size();
    boolean[][] needs = new boolean[size][size];
    for (int i = 0; i < size; i++) {
      for (String need : plan.steps().get(i).needs()) {
        if (need.equals(NOWHERE)) {
          return false;
        }
        needs[i][Integer.parseInt(need.substring(1))] = true;
      }
    }
    for (int via = 0; via < size; via++) {
      for (int from = 0; from < size; from++) {
        for (int to = 0; to < size; to++) {
          needs[from][to] |= needs[from][via] && needs[via][to];
        }
      }
    }
    return IntStream.range(0, size).noneMatch(i -> needs[i][i]);
  }

  /** By trying: does what can be done until nothing more can. */
  private static Set<String> neverReady(Plan plan) {
    Set<String> open = new HashSet<>(plan.steps().stream().map(PlanStep::stepId).toList());
    Set<String> done = new HashSet<>();
    boolean goesOn = true;
    while (goesOn) {
      List<String> ready =
          plan.steps().stream()
              .filter(step -> open.contains(step.stepId()) && done.containsAll(step.needs()))
              .map(PlanStep::stepId)
              .toList();
      goesOn = !ready.isEmpty();
      ready.forEach(open::remove);
      done.addAll(ready);
    }
    return open;
  }

  private static List<String> cycle(PlanFault fault) {
    return List.of(fault.fault().substring(fault.fault().indexOf(": ") + 2).split(" needs ", -1));
  }

  private static void assertIsCycleOf(Plan plan, List<String> cycle, int seed) {
    assertThat(cycle.getFirst()).as("seed %d", seed).isEqualTo(cycle.getLast());
    for (int i = 0; i + 1 < cycle.size(); i++) {
      assertThat(plan.step(cycle.get(i)).orElseThrow().needs())
          .as("seed %d: %s", seed, cycle)
          .contains(cycle.get(i + 1));
    }
  }

  private static Plan wildPlan(Random random) {
    return new Plan(Stream.generate(() -> wildStep(random)).limit(random.nextInt(6)).toList());
  }

  private static PlanStep wildStep(Random random) {
    return new PlanStep(
        text(random),
        text(random),
        any(random, StepKind.values()),
        texts(random),
        textOrNull(random),
        textOrNull(random),
        textOrNull(random),
        text(random),
        number(random),
        number(random),
        number(random),
        random.nextBoolean()
            ? RetryPolicy.NONE
            : new RetryPolicy(
                (int) number(random),
                number(random),
                (int) number(random),
                number(random),
                (int) number(random)),
        any(random, OnFailure.values()),
        random.nextBoolean() ? null : new Compensation(text(random), text(random)),
        random.nextBoolean()
            ? null
            : new ApprovalRule(
                (int) number(random), texts(random), texts(random), number(random), number(random)),
        number(random),
        textOrNull(random),
        any(random, Risk.values()),
        random.nextBoolean());
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  private static String text(Random random) {
    return any(
        random,
        new String[] {
          "",
          " ",
          "a",
          "b",
          "c",
          "\0",
          "\ud800",
          "x".repeat(300),
          "018f4e6a-0000-7000-8000-0000000000a1"
        });
  }

  private static @Nullable String textOrNull(Random random) {
    return random.nextBoolean() ? null : text(random);
  }

  private static List<String> texts(Random random) {
    return Stream.generate(() -> text(random)).limit(random.nextInt(4)).toList();
  }

  private static long number(Random random) {
    return any(
        random,
        new Long[] {
          0L,
          1L,
          -1L,
          100L,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          Checks.EXACT_INTEGER_MAX,
          random.nextLong()
        });
  }
}

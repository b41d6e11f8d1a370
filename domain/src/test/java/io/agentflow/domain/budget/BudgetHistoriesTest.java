package io.agentflow.domain.budget;

import static io.agentflow.domain.budget.BudgetCommands.ID;
import static io.agentflow.domain.budget.BudgetCommands.OTHER_WORKFLOW;
import static io.agentflow.domain.budget.BudgetCommands.WORKFLOW;
import static io.agentflow.domain.budget.BudgetCommands.reserve;
import static io.agentflow.domain.budget.BudgetCommands.settle;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Histories;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveForStep;
import io.agentflow.domain.budget.BudgetCommand.ResizeSlice;
import io.agentflow.domain.budget.BudgetCommand.ReturnSlice;
import io.agentflow.domain.budget.BudgetCommand.RollPeriod;
import io.agentflow.domain.budget.BudgetEvent.BudgetOpened;
import io.agentflow.domain.budget.BudgetEvent.LimitChanged;
import io.agentflow.domain.budget.BudgetEvent.PeriodRolled;
import io.agentflow.domain.budget.BudgetEvent.ReservationReleased;
import io.agentflow.domain.budget.BudgetEvent.ReservationSettled;
import io.agentflow.domain.budget.BudgetEvent.SliceAllocated;
import io.agentflow.domain.budget.BudgetEvent.SliceChanged;
import io.agentflow.domain.budget.BudgetEvent.SliceReturned;
import io.agentflow.domain.budget.BudgetEvent.SpendReserved;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds after every prefix of any history. */
class BudgetHistoriesTest {

  private static final Instant START = Instant.parse("2026-05-04T12:00:00Z");

  /**
   * The limit holds as long as nothing used more than it had reserved, and every event says what
   * truly remains; where something did use more, only that took the sum above the limit. And the
   * same command delivered twice records once.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void no_history_overspends(boolean someUseMoreThanTheyReserved) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 300; run++) {
      var history = BudgetCommands.history();
      history.given(anyOpening(random));
      for (int step = 0; step < 80; step++) {
        BudgetCommand command =
            anyCommand(random, step, openOf(history.state()), someUseMoreThanTheyReserved);
        String where = "seed %d, run %d, step %d: %s".formatted(seed, run, step, command);
        Open before = openOf(history.state());
        Decision<BudgetEvent, BudgetRejection> decision = history.when(command);
        if (!(decision
            instanceof Accepted<BudgetEvent, BudgetRejection>(List<BudgetEvent> events))) {
          continue;
        }
        assertThat(history.when(command))
            .as(where)
            .isEqualTo(Decision.<BudgetEvent, BudgetRejection>alreadySo());
        Open open = openOf(history.state());
        assertThat(isWithinLimit(open) || usedMore(command, before, open) || !isWithinLimit(before))
            .as(where)
            .isTrue();
        if (!someUseMoreThanTheyReserved) {
          assertThat(isWithinLimit(open)).as(where).isTrue();
        }
        assertNobodyWaitsInVain(open, where);
        if (!events.isEmpty()) {
          assertThat(remainingAfter(events.getFirst(), open)).as(where).isEqualTo(open.remaining());
        }
      }
    }
  }

  /** Who fits is called; who is called fits, unless others came first or the limit was lowered. */
  private static void assertNobodyWaitsInVain(Open open, String where) {
    Map<String, Spend> wanted = new HashMap<>();
    Spend kept = Spend.NONE;
    for (WaitingSteps.Waiting waiting : open.waiting().all()) {
      assertThat(open.reservations().get(waiting.step().reservationId()))
          .as(where)
          .isEqualTo(new Budget.Reservation.Refused(waiting.amount()));
      if (waiting.called()) {
        kept = kept.plus(waiting.amount());
      } else {
        wanted.merge(waiting.step().workflowId(), waiting.amount(), Spend::plus);
      }
    }
    Spend room = open.remaining().minus(kept);
    assertThat(wanted.values()).as(where).noneMatch(amount -> amount.isWithin(room));
  }

  private static boolean isWithinLimit(Open open) {
    return open.balance().inUse().isWithin(open.balance().limit());
  }

  private static boolean usedMore(BudgetCommand command, Open before, Open after) {
    return (command instanceof BudgetCommand.SettleReservation || command instanceof ReturnSlice)
        && !after.balance().inUse().isWithin(before.balance().inUse());
  }

  private static Open openOf(Budget budget) {
    return switch (budget) {
      case Open open -> open;
      case Budget.Closed closed -> closed.last();
      case Budget.Absent absent -> throw new AssertionError("not opened");
    };
  }

  /** What the event says remains; those that change nothing say nothing. */
  private static Spend remainingAfter(BudgetEvent event, Open open) {
    return switch (event) {
      case SliceAllocated e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case SliceChanged e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case SliceReturned e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case SpendReserved e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case ReservationSettled e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case ReservationReleased e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case LimitChanged e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case PeriodRolled e -> new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case BudgetEvent.ReservationRefused e ->
          new Spend(e.remainingTokens(), e.remainingMicroDollars());
      case BudgetEvent.BudgetClosed e -> open.remaining();
      case BudgetOpened e -> throw new AssertionError("opened before");
      case BudgetEvent.TermsSet e -> throw new AssertionError("only beside the opening");
      case BudgetEvent.ThresholdCrossed e -> throw new AssertionError("only behind another");
      case BudgetEvent.RoomMade e -> throw new AssertionError("only behind another");
      case BudgetEvent.BudgetExhausted e -> throw new AssertionError("only behind another");
    };
  }

  /** Also in an order in which they never were decided. */
  @Test
  void evolve_refuses_nothing() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<BudgetEvent> events = new ArrayList<>();
    for (int run = 0; run < 50; run++) {
      Histories<BudgetCommand, BudgetEvent, Budget, BudgetRejection> history =
          BudgetCommands.history();
      history.given(anyOpening(random));
      for (int step = 0; step < 80; step++) {
        history.when(anyCommand(random, step, openOf(history.state()), true));
      }
      events.addAll(history.events());
    }
    Collections.shuffle(events, random);
    Budget budget = Budget.initial();
    for (BudgetEvent event : events) {
      budget = Budget.evolve(budget, event);
      assertThat(budget).as("seed %d, %s", seed, event).isNotNull();
    }
  }

  private static OpenBudget anyOpening(Random random) {
    BudgetTerms terms =
        random.nextBoolean()
            ? BudgetTerms.DEFAULT
            : BudgetTerms.of(
                Spend.of(random.nextInt(100), 50),
                List.of(1 + random.nextInt(100), 1 + random.nextInt(100)),
                random.nextBoolean() ? BudgetPeriod.DAILY : BudgetPeriod.NONE,
                "Europe/Berlin");
    return new OpenBudget(ID, "all", null, Spend.of(100, 100), terms, START);
  }

  private static BudgetCommand anyCommand(
      Random random, int step, Open budget, boolean someUseMoreThanTheyReserved) {
    String id = "r" + random.nextInt(12);
    BudgetId slice = new BudgetId("018f4e6a-0000-7000-8000-0000000000c" + random.nextInt(4));
    Spend amount = Spend.of(random.nextInt(40), random.nextInt(40));
    return switch (random.nextInt(18)) {
      case 0 -> new ReleaseReservation(ID, id);
      case 16 -> anyEnd(random, budget);
      case 1, 2, 3 -> anySettlement(random, id, budget, someUseMoreThanTheyReserved);
      case 4 -> new AllocateSlice(ID, slice, "slice", null, amount);
      case 5 -> new ResizeSlice(ID, slice, amount);
      case 6 ->
          new ReturnSlice(
              ID,
              slice,
              budget.slices().get(slice.value()) instanceof Budget.Slice.Allocated held
                      && !someUseMoreThanTheyReserved
                  ? partOf(random, held.amount())
                  : amount);
      case 7, 8 ->
          new ChangeLimit(
              ID,
              Spend.of(50 + random.nextInt(100), 50 + random.nextInt(100)),
              random.nextBoolean() ? null : Spend.of(random.nextInt(50), random.nextInt(50)));
      case 9 -> new RollPeriod(ID, START.plusSeconds(step * 20_000L));
      case 10, 11, 12, 17 -> anyAttempt(random);
      case 13 -> random.nextInt(20) == 0 ? BudgetCommands.close() : reserve(id, 1, 1);
      default -> reserve(id, amount.tokens(), amount.microDollars());
    };
  }

  private static ReserveForStep anyAttempt(Random random) {
    WorkflowId workflow = random.nextBoolean() ? WORKFLOW : OTHER_WORKFLOW;
    StepReservation attempt =
        new StepReservation(workflow.value(), "s" + random.nextInt(6), 1 + random.nextInt(4));
    return new ReserveForStep(
        ID, workflow, attempt.reservationId(), Spend.of(random.nextInt(40), random.nextInt(40)));
  }

  /** The end of an attempt that was reserved or refused. */
  private static ReleaseReservation anyEnd(Random random, Open budget) {
    List<String> ids = budget.reservations().asMap().keySet().stream().sorted().toList();
    return new ReleaseReservation(ID, ids.isEmpty() ? "r" : ids.get(random.nextInt(ids.size())));
  }

  private static BudgetCommand anySettlement(
      Random random, String id, Open budget, boolean someUseMoreThanTheyReserved) {
    Budget.Reservation held = budget.reservations().get(id);
    if (held == null || someUseMoreThanTheyReserved) {
      return settle(id, random.nextInt(60), random.nextInt(60));
    }
    Spend used = partOf(random, held.amount());
    return settle(id, used.tokens(), used.microDollars());
  }

  private static Spend partOf(Random random, Spend whole) {
    return Spend.of(random.nextLong(whole.tokens() + 1), random.nextLong(whole.microDollars() + 1));
  }
}

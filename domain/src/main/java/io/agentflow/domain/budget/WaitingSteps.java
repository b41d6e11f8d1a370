package io.agentflow.domain.budget;

import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.Budget.Open;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Steps to which a reservation was refused, who has waited longest first, and what they had asked
 * for. They are called once there is room for them. Until they have asked again, or do not want it
 * any more, that room is for nobody else who waits; who has not waited may still be faster.
 */
public record WaitingSteps(List<Waiting> all) {

  /** Most that are called at once; what is decided next calls the next. */
  static final int CALLED_MAX = 1_000;

  static final WaitingSteps NONE = new WaitingSteps(List.of());

  public WaitingSteps {
    all = List.copyOf(all);
  }

  /**
   * A step that waits.
   *
   * @param step it, and which attempt was refused
   * @param called whether it may ask again
   */
  public record Waiting(StepReservation step, Spend amount, boolean called) {

    private boolean isForStepOf(StepReservation other) {
      return step.workflowId().equals(other.workflowId()) && step.stepId().equals(other.stepId());
    }
  }

  /**
   * Who is called now, if anybody is: workflows for all of whose steps there is room, those that
   * have waited longest before others.
   */
  List<BudgetEvent> due(Open open) {
    if (all.isEmpty()) {
      return List.of();
    }
    Spend room = open.remaining().minus(sum(all.stream().filter(Waiting::called)));
    List<String> called = new ArrayList<>();
    for (List<Waiting> ofWorkflow : uncalledByWorkflow().values()) {
      Spend wanted = sum(ofWorkflow.stream());
      boolean tooMany = !called.isEmpty() && called.size() + ofWorkflow.size() > CALLED_MAX;
      if (wanted.isWithin(room) && !tooMany) {
        room = room.minus(wanted);
        ofWorkflow.forEach(waiting -> called.add(waiting.step().reservationId()));
      }
    }
    return called.isEmpty()
        ? List.of()
        : List.of(
            new RoomMade(
                open.description().budgetId(),
                open.remaining().tokens(),
                open.remaining().microDollars(),
                called));
  }

  private Map<String, List<Waiting>> uncalledByWorkflow() {
    Map<String, List<Waiting>> byWorkflow = new LinkedHashMap<>();
    for (Waiting waiting : all) {
      if (!waiting.called()) {
        byWorkflow
            .computeIfAbsent(waiting.step().workflowId(), first -> new ArrayList<>())
            .add(waiting);
      }
    }
    return byWorkflow;
  }

  private static Spend sum(Stream<Waiting> waiting) {
    return waiting.map(Waiting::amount).reduce(Spend.NONE, Spend::plus);
  }

  /** A step that was called in vain keeps its place. */
  WaitingSteps and(ReservationRefused refused) {
    Optional<StepReservation> step = StepReservation.of(refused.reservationId());
    if (step.isEmpty()) {
      return this;
    }
    Waiting waiting =
        new Waiting(
            step.get(),
            new Spend(refused.requestedTokens(), refused.requestedMicroDollars()),
            false);
    List<Waiting> next = new ArrayList<>(all);
    for (int place = 0; place < next.size(); place++) {
      if (next.get(place).isForStepOf(step.get())) {
        next.set(place, waiting);
        return new WaitingSteps(next);
      }
    }
    next.add(waiting);
    return new WaitingSteps(next);
  }

  WaitingSteps and(RoomMade room) {
    Set<String> called = Set.copyOf(room.reservationIds());
    return new WaitingSteps(
        all.stream()
            .map(
                waiting ->
                    called.contains(waiting.step().reservationId())
                        ? new Waiting(waiting.step(), waiting.amount(), true)
                        : waiting)
            .toList());
  }

  /** Without the step, of which any attempt was given what it asked for. */
  WaitingSteps served(String reservationId) {
    return without(
        waiting -> StepReservation.of(reservationId).filter(waiting::isForStepOf).isPresent());
  }

  /** Without the one attempt that is over. */
  WaitingSteps gone(String reservationId) {
    return without(waiting -> waiting.step().reservationId().equals(reservationId));
  }

  private WaitingSteps without(Predicate<Waiting> which) {
    return all.stream().anyMatch(which)
        ? new WaitingSteps(all.stream().filter(which.negate()).toList())
        : this;
  }
}

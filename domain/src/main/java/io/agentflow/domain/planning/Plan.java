package io.agentflow.domain.planning;

import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a workflow is to do: steps, each naming those it needs (a directed acyclic graph, once
 * {@link PlanCheck} has found no fault in it). Part of events, hence a storage format.
 */
public record Plan(List<PlanStep> steps) {

  /** Most steps of a plan. */
  public static final int STEPS_MAX = 1_000;

  /** Longest id of a step: reservations and approvals are named after it. */
  public static final int STEP_ID_CHARS_MAX = 64;

  public Plan {
    steps = List.copyOf(steps);
  }

  /** The step with this id. */
  public Optional<PlanStep> step(String stepId) {
    return steps.stream().filter(step -> step.stepId().equals(stepId)).findFirst();
  }

  /** The steps that need this one. */
  public List<PlanStep> dependentsOf(String stepId) {
    return steps.stream().filter(step -> step.needs().contains(stepId)).toList();
  }

  /** The step, and all that need it, directly or through others. */
  public Set<String> withAllDependentsOf(String stepId) {
    return reached(List.of(stepId), id -> dependentsOf(id).stream().map(PlanStep::stepId).toList());
  }

  /** All steps that the step needs, directly or through others; the nearest first. */
  public SequencedSet<String> allNeedsOf(String stepId) {
    return reached(needsOf(stepId), this::needsOf);
  }

  private List<String> needsOf(String stepId) {
    return step(stepId).map(PlanStep::needs).orElse(List.of());
  }

  private static SequencedSet<String> reached(
      List<String> from, Function<String, List<String>> next) {
    SequencedSet<String> open = new LinkedHashSet<>(from);
    SequencedSet<String> reached = new LinkedHashSet<>();
    while (!open.isEmpty()) {
      String stepId = open.removeFirst();
      if (reached.add(stepId)) {
        open.addAll(next.apply(stepId));
      }
    }
    return reached;
  }

  /** What all steps together will use. */
  public Spend estimate() {
    return steps.stream().map(PlanStep::estimate).reduce(Spend.NONE, Spend::plus);
  }

  /** Names the plan: SHA-256 over all of its fields, in hexadecimal. An approval is bound to it. */
  public String digest() {
    List<@Nullable Object> fields = new ArrayList<>();
    steps.forEach(step -> step.addFieldsTo(fields));
    return Fingerprint.sha256Hex(fields);
  }
}

package io.agentflow.application.planning;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.RunEvent.PlanProposed;
import io.agentflow.domain.workflow.RunEvent.PlanRejected;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A version of a workflow's plan, as people read it who carry it out or have to approve it.
 *
 * @param standing proposed, while it waits for its approval; approved, while it is carried out;
 *     rejected; or replaced by another
 * @param digest what an approval of it names
 * @param rejectedBecause why, where it was
 * @param pendingVersion the version that waits for its approval, if one does
 * @param steps as a definition would have them, with all defaults
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PlanVersion(
    String workflowId,
    int planVersion,
    String standing,
    String digest,
    String proposedBy,
    @Nullable String rejectedBecause,
    @Nullable Integer pendingVersion,
    String autonomy,
    long timeoutMillis,
    List<StepForm> steps) {

  /**
   * A version out of a workflow's history.
   *
   * @param wanted which; null for the one that is carried out, or else the last that was proposed
   * @return empty where there is none such
   */
  static Optional<PlanVersion> of(List<WorkflowEvent> history, @Nullable Integer wanted) {
    PlanRun run = Workflow.runOf(Workflow.fold(history));
    PlanRun.Version shown = run.current() != null ? run.current() : run.proposed();
    if (shown == null) {
      return Optional.empty();
    }
    int number = wanted == null ? shown.number() : wanted;
    String rejectedBecause =
        events(history, PlanRejected.class)
            .filter(rejected -> rejected.planVersion() == number)
            .map(PlanRejected::reason)
            .findFirst()
            .orElse(null);
    return events(history, PlanProposed.class)
        .filter(proposed -> proposed.planVersion() == number)
        .findFirst()
        .map(proposed -> of(proposed, run, rejectedBecause));
  }

  private static <E> Stream<E> events(List<WorkflowEvent> history, Class<E> type) {
    return history.stream().filter(type::isInstance).map(type::cast);
  }

  private static PlanVersion of(
      PlanProposed proposed, PlanRun run, @Nullable String rejectedBecause) {
    int number = proposed.planVersion();
    Integer pending = run.pending() == null ? null : run.pending().number();
    return new PlanVersion(
        proposed.workflowId(),
        number,
        standing(number, run, rejectedBecause),
        proposed.planDigest(),
        proposed.proposedBy(),
        rejectedBecause,
        pending,
        proposed.autonomy().word(),
        proposed.timeoutMillis(),
        proposed.plan().steps().stream().map(StepForm::of).toList());
  }

  private static String standing(int number, PlanRun run, @Nullable String rejectedBecause) {
    if (rejectedBecause != null) {
      return "rejected";
    }
    if (run.current() != null && run.current().number() == number) {
      return "approved";
    }
    return run.pending() != null && run.pending().number() == number ? "proposed" : "replaced";
  }

  /** A step in the form of {@code docs/plan.schema.json}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record StepForm(
      String id,
      String name,
      String kind,
      List<String> needs,
      @Nullable String capability,
      @Nullable String tool,
      @Nullable String agentId,
      String input,
      Estimate estimate,
      long timeoutMillis,
      Retry retry,
      String onFailure,
      @Nullable Compensation compensation,
      @Nullable ApprovalRule approval,
      long waitMillis,
      @Nullable String signal,
      String risk,
      boolean canary) {

    record Estimate(long tokens, long microDollars) {}

    record Retry(
        int attempts,
        long backoffMillis,
        int factorPercent,
        long backoffMillisMax,
        int jitterPercent) {}

    static StepForm of(PlanStep step) {
      return new StepForm(
          step.stepId(),
          step.name(),
          word(step.kind()),
          step.needs(),
          step.capability(),
          step.tool(),
          step.agentId(),
          step.input(),
          new Estimate(step.estimatedTokens(), step.estimatedMicroDollars()),
          step.timeoutMillis(),
          new Retry(
              step.retry().attemptsMax(),
              step.retry().backoffMillis(),
              step.retry().backoffFactorPercent(),
              step.retry().backoffMillisMax(),
              step.retry().jitterPercent()),
          word(step.onFailure()),
          step.compensation(),
          step.approval(),
          step.waitMillis(),
          step.signal(),
          word(step.risk()),
          step.canary());
    }

    private static String word(Enum<?> value) {
      return value.name().toLowerCase(Locale.ROOT);
    }
  }
}

package io.agentflow.domain.planning;

import io.agentflow.domain.Spend;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a plan. Part of events, hence a storage format: change nothing here. It carries what
 * was proposed, right or wrong; {@link PlanCheck} judges it.
 *
 * @param needs the steps that have to be done before
 * @param capability what an agent has to be able to do
 * @param tool which tool is called
 * @param agentId the one agent that is to do it, where it matters which
 * @param input what the step is given, as text; JSON where the plan gave an object
 * @param estimatedTokens what it will use, reserved before it is handed out
 * @param estimatedMicroDollars the same in millionths of a US dollar
 * @param timeoutMillis longest time from hand-out to result, 0 for the server's own
 * @param approval for an approval step, who has to approve; for others, whom to ask where the
 *     autonomy mode asks
 * @param waitMillis how long a wait step waits
 * @param signal the signal that a wait step waits for; with a time as well, whichever comes first
 * @param canary whether it is a trial on little, which may run under {@code canary_only}
 */
public record PlanStep(
    String stepId,
    String name,
    StepKind kind,
    List<String> needs,
    @Nullable String capability,
    @Nullable String tool,
    @Nullable String agentId,
    String input,
    long estimatedTokens,
    long estimatedMicroDollars,
    long timeoutMillis,
    RetryPolicy retry,
    OnFailure onFailure,
    @Nullable Compensation compensation,
    @Nullable ApprovalRule approval,
    long waitMillis,
    @Nullable String signal,
    Risk risk,
    boolean canary) {

  public PlanStep {
    needs = List.copyOf(needs);
  }

  /** What it will use, as far as who planned it knows. */
  public Spend estimate() {
    return new Spend(estimatedTokens, estimatedMicroDollars);
  }

  /** The same step, judged to be as risky as this. */
  public PlanStep withRisk(Risk judged) {
    return new PlanStep(
        stepId,
        name,
        kind,
        needs,
        capability,
        tool,
        agentId,
        input,
        estimatedTokens,
        estimatedMicroDollars,
        timeoutMillis,
        retry,
        onFailure,
        compensation,
        approval,
        waitMillis,
        signal,
        judged,
        canary);
  }

  /** Whether a worker carries it out, rather than people or time. */
  public boolean isWork() {
    return kind == StepKind.AGENT || kind == StepKind.TOOL;
  }

  /** Adds each value once, and the length of what has several, so that no two steps look alike. */
  void addFieldsTo(List<@Nullable Object> fields) {
    fields.addAll(Arrays.asList(stepId, name, kind, needs.size()));
    fields.addAll(needs);
    fields.addAll(
        Arrays.asList(
            capability,
            tool,
            agentId,
            input,
            estimatedTokens,
            estimatedMicroDollars,
            timeoutMillis,
            retry.attemptsMax(),
            retry.backoffMillis(),
            retry.backoffFactorPercent(),
            retry.backoffMillisMax(),
            retry.jitterPercent(),
            onFailure,
            compensation == null ? null : compensation.tool(),
            compensation == null ? null : compensation.input(),
            waitMillis,
            signal,
            risk,
            canary,
            approval == null ? -1 : approval.required()));
    if (approval != null) {
      fields.add(approval.people().size());
      fields.addAll(approval.people());
      fields.add(approval.roles().size());
      fields.addAll(approval.roles());
      fields.add(approval.expiresMillis());
      fields.add(approval.remindMillis());
    }
  }
}

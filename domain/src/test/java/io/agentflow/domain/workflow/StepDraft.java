package io.agentflow.domain.workflow;

import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A step of a test's plan: says only what matters there. */
final class StepDraft {

  private final String stepId;
  private final StepKind kind;
  private List<String> needs = List.of();
  private @Nullable String agentId;
  private String input;
  private long estimatedTokens;
  private long timeoutMillis;
  private RetryPolicy retry = RetryPolicy.NONE;
  private OnFailure onFailure = OnFailure.FAIL;
  private @Nullable Compensation compensation;
  private @Nullable ApprovalRule approval;
  private long waitMillis;
  private @Nullable String signal;
  private Risk risk = Risk.LOW;
  private boolean canary;

  private StepDraft(String stepId, StepKind kind) {
    boolean isWork = kind == StepKind.AGENT || kind == StepKind.TOOL;
    this.stepId = stepId;
    this.kind = kind;
    this.input = isWork ? "{}" : "";
    this.estimatedTokens = isWork ? 100 : 0;
  }

  static StepDraft of(String stepId, StepKind kind) {
    return new StepDraft(stepId, kind);
  }

  static StepDraft work(String stepId, String... needs) {
    return of(stepId, StepKind.AGENT).needs(needs);
  }

  static StepDraft approval(String stepId, ApprovalRule rule) {
    return of(stepId, StepKind.APPROVAL).approval(rule);
  }

  static StepDraft waiting(String stepId, long millis, @Nullable String signal) {
    StepDraft wait = of(stepId, StepKind.WAIT);
    wait.waitMillis = millis;
    wait.signal = signal;
    return wait;
  }

  StepDraft needs(String... stepIds) {
    needs = List.of(stepIds);
    return this;
  }

  StepDraft agent(String id) {
    agentId = id;
    return this;
  }

  StepDraft input(String text) {
    input = text;
    return this;
  }

  StepDraft estimate(long tokens) {
    estimatedTokens = tokens;
    return this;
  }

  StepDraft timeout(long millis) {
    timeoutMillis = millis;
    return this;
  }

  StepDraft attempts(int max) {
    return retry(new RetryPolicy(max, 1_000, 200, 60_000, 0));
  }

  StepDraft retry(RetryPolicy policy) {
    retry = policy;
    return this;
  }

  StepDraft onFailure(OnFailure then) {
    onFailure = then;
    return this;
  }

  StepDraft undoneBy(String tool) {
    compensation = new Compensation(tool, "{\"undo\":\"" + stepId + "\"}");
    return this;
  }

  StepDraft approval(ApprovalRule rule) {
    approval = rule;
    return this;
  }

  StepDraft risk(Risk how) {
    risk = how;
    return this;
  }

  StepDraft canary() {
    canary = true;
    return this;
  }

  PlanStep step() {
    return new PlanStep(
        stepId,
        "step " + stepId,
        kind,
        needs,
        kind == StepKind.AGENT ? "work" : null,
        kind == StepKind.TOOL ? "echo" : null,
        agentId,
        input,
        estimatedTokens,
        estimatedTokens * 2,
        timeoutMillis,
        retry,
        onFailure,
        compensation,
        approval,
        waitMillis,
        signal,
        risk,
        canary);
  }

  static Plan plan(StepDraft... steps) {
    return new Plan(Arrays.stream(steps).map(StepDraft::step).toList());
  }
}

package io.agentflow.domain.planning;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A step in a test: admissible as it begins, and then as the test wants it. */
public final class StepDraft {

  private final String stepId;
  private String name;
  private StepKind kind;
  private List<String> needs = List.of();
  private @Nullable String capability;
  private @Nullable String tool;
  private @Nullable String agentId;
  private String input = "";
  private long tokens;
  private long microDollars;
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
    this.stepId = stepId;
    this.name = "step " + stepId;
    this.kind = kind;
  }

  public static StepDraft tool(String stepId) {
    return new StepDraft(stepId, StepKind.TOOL).calls("echo");
  }

  public static StepDraft agent(String stepId) {
    return new StepDraft(stepId, StepKind.AGENT).capability("writing");
  }

  public static StepDraft approval(String stepId) {
    return new StepDraft(stepId, StepKind.APPROVAL).askedBy(ApprovalRule.ANYONE);
  }

  public static StepDraft wait(String stepId) {
    return new StepDraft(stepId, StepKind.WAIT).waits(1_000);
  }

  /** A step that an agent does, and that is estimated to use something. */
  public static StepDraft work(String stepId, String... needs) {
    return agent(stepId).capability("work").input("{}").estimate(100).needs(needs);
  }

  public static StepDraft approval(String stepId, ApprovalRule rule) {
    return approval(stepId).askedBy(rule);
  }

  public static StepDraft waiting(String stepId, long millis, @Nullable String signal) {
    return wait(stepId).waits(millis).signal(signal);
  }

  public StepDraft named(String value) {
    name = value;
    return this;
  }

  public StepDraft kind(StepKind value) {
    kind = value;
    return this;
  }

  public StepDraft needs(String... values) {
    return needs(List.of(values));
  }

  public StepDraft needs(List<String> values) {
    needs = values;
    return this;
  }

  public StepDraft capability(@Nullable String value) {
    capability = value;
    return this;
  }

  public StepDraft calls(@Nullable String value) {
    tool = value;
    return this;
  }

  public StepDraft by(@Nullable String value) {
    agentId = value;
    return this;
  }

  public StepDraft input(String value) {
    input = value;
    return this;
  }

  public StepDraft estimate(long tokensValue, long microDollarsValue) {
    tokens = tokensValue;
    microDollars = microDollarsValue;
    return this;
  }

  /** So many tokens, and two micro-dollars for each. */
  public StepDraft estimate(long tokensValue) {
    return estimate(tokensValue, tokensValue * 2);
  }

  public StepDraft timeout(long millis) {
    timeoutMillis = millis;
    return this;
  }

  public StepDraft attempts(int max) {
    return retry(new RetryPolicy(max, 1_000, 200, 60_000, 0));
  }

  public StepDraft retry(RetryPolicy value) {
    retry = value;
    return this;
  }

  public StepDraft onFailure(OnFailure value) {
    onFailure = value;
    return this;
  }

  public StepDraft undoneBy(@Nullable Compensation value) {
    compensation = value;
    return this;
  }

  public StepDraft undoneBy(String toolOfUndoing) {
    return undoneBy(new Compensation(toolOfUndoing, "{\"undo\":\"" + stepId + "\"}"));
  }

  public StepDraft askedBy(@Nullable ApprovalRule value) {
    approval = value;
    return this;
  }

  public StepDraft waits(long millis) {
    waitMillis = millis;
    return this;
  }

  public StepDraft signal(@Nullable String value) {
    signal = value;
    return this;
  }

  public StepDraft risk(Risk value) {
    risk = value;
    return this;
  }

  public StepDraft canary() {
    canary = true;
    return this;
  }

  public PlanStep step() {
    return new PlanStep(
        stepId,
        name,
        kind,
        needs,
        capability,
        tool,
        agentId,
        input,
        tokens,
        microDollars,
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

  public static Plan plan(StepDraft... drafts) {
    return plan(List.of(drafts));
  }

  public static Plan plan(List<StepDraft> drafts) {
    return new Plan(drafts.stream().map(StepDraft::step).toList());
  }
}

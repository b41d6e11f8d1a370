package io.agentflow.domain.planning;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A step in a test: admissible as it begins, and then as the test wants it. */
final class StepDraft {

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

  private StepDraft(String stepId, StepKind kind) {
    this.stepId = stepId;
    this.name = "step " + stepId;
    this.kind = kind;
  }

  static StepDraft tool(String stepId) {
    return new StepDraft(stepId, StepKind.TOOL).calls("echo");
  }

  static StepDraft agent(String stepId) {
    return new StepDraft(stepId, StepKind.AGENT).capability("writing");
  }

  static StepDraft approval(String stepId) {
    return new StepDraft(stepId, StepKind.APPROVAL).askedBy(ApprovalRule.ANYONE);
  }

  static StepDraft wait(String stepId) {
    return new StepDraft(stepId, StepKind.WAIT).waits(1_000);
  }

  StepDraft named(String value) {
    name = value;
    return this;
  }

  StepDraft kind(StepKind value) {
    kind = value;
    return this;
  }

  StepDraft needs(String... values) {
    return needs(List.of(values));
  }

  StepDraft needs(List<String> values) {
    needs = values;
    return this;
  }

  StepDraft capability(@Nullable String value) {
    capability = value;
    return this;
  }

  StepDraft calls(@Nullable String value) {
    tool = value;
    return this;
  }

  StepDraft by(@Nullable String value) {
    agentId = value;
    return this;
  }

  StepDraft input(String value) {
    input = value;
    return this;
  }

  StepDraft estimate(long tokensValue, long microDollarsValue) {
    tokens = tokensValue;
    microDollars = microDollarsValue;
    return this;
  }

  StepDraft timeout(long millis) {
    timeoutMillis = millis;
    return this;
  }

  StepDraft retry(RetryPolicy value) {
    retry = value;
    return this;
  }

  StepDraft onFailure(OnFailure value) {
    onFailure = value;
    return this;
  }

  StepDraft undoneBy(@Nullable Compensation value) {
    compensation = value;
    return this;
  }

  StepDraft askedBy(@Nullable ApprovalRule value) {
    approval = value;
    return this;
  }

  StepDraft waits(long millis) {
    waitMillis = millis;
    return this;
  }

  StepDraft signal(@Nullable String value) {
    signal = value;
    return this;
  }

  PlanStep step() {
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
        Risk.LOW,
        false);
  }

  static Plan plan(StepDraft... drafts) {
    return plan(List.of(drafts));
  }

  static Plan plan(List<StepDraft> drafts) {
    return new Plan(drafts.stream().map(StepDraft::step).toList());
  }
}

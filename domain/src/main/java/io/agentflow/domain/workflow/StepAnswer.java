package io.agentflow.domain.workflow;

import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;

/** Tells whether a worker's answer is the one that was already recorded under its lease. */
final class StepAnswer {

  private StepAnswer() {}

  static Fingerprint fingerprint(CompleteStep command) {
    return completed(
        command.stepId(), command.result(), command.used().tokens(), command.used().microDollars());
  }

  static Fingerprint fingerprint(StepCompleted event) {
    return completed(event.stepId(), event.result(), event.tokens(), event.microDollars());
  }

  static Fingerprint fingerprint(StepCompensated event) {
    return completed(event.stepId(), event.result(), event.tokens(), event.microDollars());
  }

  private static Fingerprint completed(
      String stepId, String result, long tokens, long microDollars) {
    return Fingerprint.of("completed", stepId, result, tokens, microDollars);
  }

  static Fingerprint fingerprint(FailStep command) {
    return Fingerprint.of(
        "failed",
        command.stepId(),
        command.reason(),
        command.used().tokens(),
        command.used().microDollars());
  }

  static Fingerprint fingerprint(StepFailed event) {
    return Fingerprint.of(
        "failed", event.stepId(), event.reason(), event.tokens(), event.microDollars());
  }
}

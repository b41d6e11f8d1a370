package io.agentflow.domain.workflow;

import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.GiveBackStep;
import io.agentflow.domain.workflow.RunCommand.ReportProgress;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepProgressed;

/** Tells whether what a worker says is what was already recorded under its lease. */
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
    return failed(
        command.stepId(), command.reason(), command.used().tokens(), command.used().microDollars());
  }

  static Fingerprint fingerprint(GiveBackStep command) {
    return failed(
        command.stepId(),
        GiveBackStep.REASON,
        command.used().tokens(),
        command.used().microDollars());
  }

  static Fingerprint fingerprint(StepFailed event) {
    return failed(event.stepId(), event.reason(), event.tokens(), event.microDollars());
  }

  private static Fingerprint failed(String stepId, String reason, long tokens, long microDollars) {
    return Fingerprint.of("failed", stepId, reason, tokens, microDollars);
  }

  static Fingerprint fingerprint(ReportProgress command) {
    return Fingerprint.of(command.note(), command.percent());
  }

  static Fingerprint fingerprint(StepProgressed event) {
    return Fingerprint.of(event.note(), event.percent());
  }
}

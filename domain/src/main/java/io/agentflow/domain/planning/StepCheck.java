package io.agentflow.domain.planning;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** What is wrong with one step by itself, whatever the others are. */
final class StepCheck {

  private final String at;
  private final PlanStep step;
  private final List<PlanFault> faults = new ArrayList<>();

  /**
   * A check that has found nothing yet.
   *
   * @param at where the step stands: {@code steps[3]}
   */
  StepCheck(String at, PlanStep step) {
    this.at = at;
    this.step = step;
    ask(() -> Checks.localId(at + ".id", step.stepId()));
    if (faults.isEmpty()) {
      ask(() -> Checks.text(at + ".id", step.stepId(), Plan.STEP_ID_CHARS_MAX));
    }
  }

  boolean isIdWellFormed() {
    return faults.isEmpty();
  }

  List<PlanFault> faults() {
    return faults;
  }

  /**
   * Notes a fault.
   *
   * @param field where in the step, with its dot
   */
  void fault(String field, String fault) {
    faults.add(new PlanFault(at + field, fault));
  }

  void byItself() {
    ask(() -> Checks.name(at + ".name", step.name()));
    text(".input", step.input());
    range(".estimate.tokens", step.estimatedTokens(), 0, Checks.EXACT_INTEGER_MAX);
    range(".estimate.microDollars", step.estimatedMicroDollars(), 0, Checks.EXACT_INTEGER_MAX);
    range(".timeoutMillis", step.timeoutMillis(), 0, PlanCheck.TIMEOUT_MILLIS_MAX);
    range(".waitMillis", step.waitMillis(), 0, PlanCheck.WAIT_MILLIS_MAX);
    String capability = step.capability();
    if (capability != null) {
      name(".capability", capability);
    }
    String tool = step.tool();
    if (tool != null) {
      name(".tool", tool);
    }
    String agentId = step.agentId();
    if (agentId != null) {
      ask(() -> Checks.uuid(at + ".agentId", agentId));
    }
    String signal = step.signal();
    if (signal != null) {
      name(".signal", signal);
    }
    retry(step.retry());
    Compensation compensation = step.compensation();
    if (compensation != null) {
      name(".compensation.tool", compensation.tool());
      text(".compensation.input", compensation.input());
    }
    ApprovalRule approval = step.approval();
    if (approval != null) {
      approval(approval);
    }
    kind();
  }

  private void retry(RetryPolicy retry) {
    range(".retry.attempts", retry.attemptsMax(), 1, PlanCheck.ATTEMPTS_MAX);
    range(".retry.backoffMillis", retry.backoffMillis(), 0, PlanCheck.BACKOFF_MILLIS_MAX);
    range(
        ".retry.factorPercent",
        retry.backoffFactorPercent(),
        PlanCheck.BACKOFF_FACTOR_PERCENT_MIN,
        PlanCheck.BACKOFF_FACTOR_PERCENT_MAX);
    range(".retry.backoffMillisMax", retry.backoffMillisMax(), 0, PlanCheck.BACKOFF_MILLIS_MAX);
    range(".retry.jitterPercent", retry.jitterPercent(), 0, PlanCheck.JITTER_PERCENT_MAX);
    if (retry.backoffMillis() > retry.backoffMillisMax()) {
      fault(
          ".retry.backoffMillis",
          "must not be above backoffMillisMax: %d is above %d"
              .formatted(retry.backoffMillis(), retry.backoffMillisMax()));
    }
  }

  private void approval(ApprovalRule rule) {
    approvers(".approval.people", rule.people());
    approvers(".approval.roles", rule.roles());
    range(".approval.required", rule.required(), 1, PlanCheck.APPROVERS_MAX);
    if (rule.roles().isEmpty()
        && !rule.people().isEmpty()
        && rule.required() > rule.people().size()) {
      fault(
          ".approval.required",
          "must not be more than the people named: %d of %d"
              .formatted(rule.required(), rule.people().size()));
    }
    range(
        ".approval.expiresMillis",
        rule.expiresMillis(),
        PlanCheck.EXPIRES_MILLIS_MIN,
        PlanCheck.EXPIRES_MILLIS_MAX);
    if (rule.remindMillis() < 0 || rule.remindMillis() >= rule.expiresMillis()) {
      fault(
          ".approval.remindMillis",
          "must be before the approval expires: 0 to %d, not %d"
              .formatted(Math.max(0, rule.expiresMillis() - 1), rule.remindMillis()));
    }
  }

  private void approvers(String field, List<String> names) {
    if (names.size() > PlanCheck.APPROVERS_MAX) {
      fault(field, "must be at most %d, not %d".formatted(PlanCheck.APPROVERS_MAX, names.size()));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      name("%s[%d]".formatted(field, i), name);
      if (!seen.add(name)) {
        fault("%s[%d]".formatted(field, i), "is named before: " + name);
      }
    }
  }

  private void kind() {
    switch (step.kind()) {
      case AGENT -> {
        if (step.capability() == null && step.agentId() == null) {
          fault(".capability", "or an agentId is needed by a step of kind agent");
        }
        refuseWaiting();
      }
      case TOOL -> {
        if (step.tool() == null) {
          fault(".tool", "is needed by a step of kind tool");
        }
        refuseWaiting();
      }
      case APPROVAL -> {
        if (step.approval() == null) {
          fault(".approval", "is needed by a step of kind approval");
        }
        refuseWork();
        refuseWaiting();
      }
      case WAIT -> {
        if (step.waitMillis() == 0 && step.signal() == null) {
          fault(".waitMillis", "or a signal is needed by a step of kind wait");
        }
        refuseWork();
        refuse(".input", !step.input().isEmpty());
      }
    }
  }

  private void refuseWork() {
    refuse(".capability", step.capability() != null);
    refuse(".tool", step.tool() != null);
    refuse(".agentId", step.agentId() != null);
    refuse(".estimate", step.estimatedTokens() != 0 || step.estimatedMicroDollars() != 0);
    refuse(".timeoutMillis", step.timeoutMillis() != 0);
    refuse(".retry", !Objects.equals(step.retry(), RetryPolicy.NONE));
    refuse(".compensation", step.compensation() != null);
  }

  private void refuseWaiting() {
    refuse(".waitMillis", step.waitMillis() != 0);
    refuse(".signal", step.signal() != null);
  }

  private void refuse(String field, boolean isGiven) {
    if (isGiven) {
      fault(
          field,
          "does not belong to a step of kind " + step.kind().name().toLowerCase(Locale.ROOT));
    }
  }

  private void name(String field, String name) {
    ask(() -> Checks.name(at + field, name));
  }

  private void text(String field, String text) {
    ask(() -> Checks.text(at + field, text, Checks.CONTENT_CHARS_MAX));
  }

  private void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      fault(field, "must be %d to %d, not %d".formatted(min, max, value));
    }
  }

  private void ask(Runnable check) {
    try {
      check.run();
    } catch (InvalidField e) {
      faults.add(new PlanFault(e.field(), e.requirement()));
    }
  }
}

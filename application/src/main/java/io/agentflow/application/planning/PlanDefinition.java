package io.agentflow.application.planning;

import io.agentflow.application.intake.InvalidPlan;
import io.agentflow.domain.planning.ApprovalRule;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Compensation;
import io.agentflow.domain.planning.OnFailure;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanCheck;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanFault;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.RetryPolicy;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.workflow.RunCommand;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A plan as people and programs write it, read and found admissible. Its form is published as
 * {@code docs/plan.schema.json}.
 *
 * @param timeoutMillis longest time from start to end, 0 for none
 */
public record PlanDefinition(Plan plan, AutonomyMode autonomy, long timeoutMillis) {

  /** Where a plan retries and does not say how: after a second, doubling up to an hour. */
  public static final RetryPolicy RETRY_DEFAULT = new RetryPolicy(1, 1_000, 200, 3_600_000, 10);

  private static final List<String> PLAN_FIELDS = List.of("autonomy", "timeoutMillis", "steps");
  private static final List<String> STEP_FIELDS =
      List.of(
          "id",
          "name",
          "kind",
          "needs",
          "capability",
          "tool",
          "agentId",
          "input",
          "estimate",
          "timeoutMillis",
          "retry",
          "onFailure",
          "compensation",
          "approval",
          "waitMillis",
          "signal",
          "risk",
          "canary");
  private static final List<String> ESTIMATE_FIELDS = List.of("tokens", "microDollars");
  private static final List<String> RETRY_FIELDS =
      List.of("attempts", "backoffMillis", "factorPercent", "backoffMillisMax", "jitterPercent");
  private static final List<String> COMPENSATION_FIELDS = List.of("tool", "input");
  private static final List<String> APPROVAL_FIELDS =
      List.of("required", "people", "roles", "expiresMillis", "remindMillis");

  /** What can be said of a step whose kind is not known. */
  private static final Set<String> OF_EVERY_KIND = Set.of("id", "name", "needs");

  private static final Pattern IN_STEP = Pattern.compile("(steps\\[(\\d+)])(?:\\.([A-Za-z]+))?.*");

  /** Stands for a step of which nothing can be read. */
  private static final PlanStep UNREADABLE_STEP =
      new PlanStep(
          "?",
          "?",
          StepKind.TOOL,
          List.of(),
          null,
          "?",
          null,
          "",
          0,
          0,
          0,
          RetryPolicy.NONE,
          OnFailure.FAIL,
          null,
          null,
          0,
          null,
          Risk.LOW,
          false);

  /**
   * Reads and judges a definition.
   *
   * @param facts what the plan is judged by
   * @throws InvalidPlan with all faults: of what cannot be read, and of what can be read but is not
   *     admissible
   */
  public static PlanDefinition read(JsonNode json, PlanFacts facts) {
    List<PlanFault> unreadable = new ArrayList<>();
    PlanDefinition definition = read(json, unreadable);
    List<PlanFault> faults = new ArrayList<>(unreadable);
    if (json.isObject()) {
      faults.addAll(unexplained(PlanCheck.faults(definition.plan(), facts), unreadable));
    }
    if (!faults.isEmpty()) {
      faults.sort(Comparator.comparingInt(PlanDefinition::place));
      throw new InvalidPlan(faults);
    }
    return definition;
  }

  private static PlanDefinition read(JsonNode json, List<PlanFault> faults) {
    DefinitionFields fields = DefinitionFields.of(json, "", PLAN_FIELDS, faults);
    if (fields == null) {
      return new PlanDefinition(new Plan(List.of()), AutonomyMode.FULL_AUTO, 0);
    }
    long timeoutMillis = fields.whole("timeoutMillis", 0);
    long timeoutMillisMax = RunCommand.TIMEOUT_MAX.toMillis();
    if (timeoutMillis < 0 || timeoutMillis > timeoutMillisMax) {
      faults.add(
          new PlanFault(
              "timeoutMillis",
              "must be 0 to %d, not %d".formatted(timeoutMillisMax, timeoutMillis)));
    }
    AutonomyMode autonomy = fields.word("autonomy", AutonomyMode.FULL_AUTO);
    List<PlanStep> steps = new ArrayList<>();
    for (JsonNode step : fields.list("steps")) {
      steps.add(step("steps[%d]".formatted(steps.size()), step, faults));
    }
    return new PlanDefinition(new Plan(steps), autonomy, timeoutMillis);
  }

  private static PlanStep step(String at, JsonNode json, List<PlanFault> faults) {
    DefinitionFields step = DefinitionFields.of(json, at, STEP_FIELDS, faults);
    if (step == null) {
      return UNREADABLE_STEP;
    }
    String stepId = step.requiredText("id");
    String name = step.text("name");
    DefinitionFields estimate = step.object("estimate", ESTIMATE_FIELDS);
    return new PlanStep(
        stepId,
        name == null ? stepId : name,
        step.requiredWord("kind", StepKind.TOOL),
        step.texts("needs"),
        step.text("capability"),
        step.text("tool"),
        step.text("agentId"),
        step.content("input"),
        estimate == null ? 0 : estimate.whole("tokens", 0),
        estimate == null ? 0 : estimate.whole("microDollars", 0),
        step.whole("timeoutMillis", 0),
        retry(step.object("retry", RETRY_FIELDS)),
        step.word("onFailure", OnFailure.FAIL),
        compensation(step),
        approval(step),
        step.whole("waitMillis", 0),
        step.text("signal"),
        step.word("risk", Risk.LOW),
        step.flag("canary"));
  }

  private static RetryPolicy retry(@Nullable DefinitionFields retry) {
    if (retry == null) {
      return RetryPolicy.NONE;
    }
    long backoffMillis = retry.whole("backoffMillis", RETRY_DEFAULT.backoffMillis());
    return new RetryPolicy(
        retry.smallWhole("attempts", RETRY_DEFAULT.attemptsMax()),
        backoffMillis,
        retry.smallWhole("factorPercent", RETRY_DEFAULT.backoffFactorPercent()),
        retry.whole("backoffMillisMax", Math.max(backoffMillis, RETRY_DEFAULT.backoffMillisMax())),
        retry.smallWhole("jitterPercent", RETRY_DEFAULT.jitterPercent()));
  }

  /** One that cannot be read is still one: nobody shall be told as well that there is none. */
  private static @Nullable Compensation compensation(DefinitionFields step) {
    DefinitionFields compensation = step.object("compensation", COMPENSATION_FIELDS);
    if (compensation == null) {
      return step.has("compensation") ? new Compensation("?", "") : null;
    }
    return new Compensation(compensation.requiredText("tool"), compensation.content("input"));
  }

  private static @Nullable ApprovalRule approval(DefinitionFields step) {
    DefinitionFields approval = step.object("approval", APPROVAL_FIELDS);
    if (approval == null) {
      return step.has("approval") ? ApprovalRule.ANYONE : null;
    }
    return new ApprovalRule(
        approval.smallWhole("required", ApprovalRule.ANYONE.required()),
        approval.texts("people"),
        approval.texts("roles"),
        approval.whole("expiresMillis", ApprovalRule.EXPIRES_MILLIS_DEFAULT),
        approval.whole("remindMillis", ApprovalRule.ANYONE.remindMillis()));
  }

  /** What was found beside what could not be read, rather than because of it. */
  private static List<PlanFault> unexplained(List<PlanFault> found, List<PlanFault> unreadable) {
    Set<String> paths = unreadable.stream().map(PlanFault::at).collect(Collectors.toSet());
    return found.stream().filter(fault -> !isExplained(fault.at(), paths)).toList();
  }

  private static boolean isExplained(String at, Set<String> unreadable) {
    Matcher inStep = IN_STEP.matcher(at);
    if (inStep.matches()
        && unreadable.contains(inStep.group(1) + ".kind")
        && !OF_EVERY_KIND.contains(inStep.group(3))) {
      return true;
    }
    for (int end = at.length();
        end > 0;
        end = Math.max(at.lastIndexOf('.', end - 1), at.lastIndexOf('[', end - 1))) {
      if (unreadable.contains(at.substring(0, end))) {
        return true;
      }
    }
    return false;
  }

  /** What concerns the plan as a whole comes first, then step by step. */
  private static int place(PlanFault fault) {
    Matcher inStep = IN_STEP.matcher(fault.at());
    return inStep.matches() ? Integer.parseInt(inStep.group(2)) : -1;
  }
}

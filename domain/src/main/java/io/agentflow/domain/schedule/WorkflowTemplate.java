package io.agentflow.domain.schedule;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.workflow.WorkflowCommand;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule starts each time.
 *
 * @param name what each workflow is called
 * @param intent what is to be achieved, in the words of who asked
 * @param labels marks of each workflow, beside {@link #SCHEDULE_LABEL} and {@link #TIME_LABEL}
 * @param budgetId a budget that all workflows charge; null where there is none, or each has its own
 * @param budget the limit of a budget that is opened for each workflow; null where none is
 * @param plan the plan's definition as canonical JSON; whoever sends the command has judged it
 */
public record WorkflowTemplate(
    String name,
    String intent,
    Map<String, String> labels,
    @Nullable BudgetId budgetId,
    @Nullable Spend budget,
    String plan) {

  /** The label by which a workflow tells which schedule started it. */
  public static final String SCHEDULE_LABEL = "schedule";

  /** The label by which a workflow tells for which time it was started. */
  public static final String TIME_LABEL = "scheduledAt";

  /** Most labels of a template: a workflow gets two more. */
  public static final int LABELS_MAX = WorkflowCommand.LABELS_MAX - 2;

  /**
   * A template that a command may carry.
   *
   * @throws InvalidField for a value that no event could carry, labels that are ours, or two
   *     budgets
   */
  public WorkflowTemplate {
    Checks.name("workflow.name", name);
    Checks.text("workflow.intent", intent, WorkflowCommand.SENTENCE_CHARS_MAX);
    if (labels.size() > LABELS_MAX) {
      throw new InvalidField(
          "workflow.labels", "must be at most %d, not %d".formatted(LABELS_MAX, labels.size()));
    }
    labels.forEach(
        (key, value) -> {
          Checks.localId("workflow.labels", key);
          if (key.equals(SCHEDULE_LABEL) || key.equals(TIME_LABEL)) {
            throw new InvalidField("workflow.labels." + key, "is set by the schedule");
          }
          Checks.text("workflow.labels." + key, value, Checks.NAME_CHARS_MAX);
        });
    labels = Map.copyOf(labels);
    if (budgetId != null && budget != null) {
      throw new InvalidField("workflow.budget", "must be left out where there is a budgetId");
    }
    Checks.text("workflow.plan", plan, Checks.CONTENT_CHARS_MAX);
  }
}

package io.agentflow.application.workflow;

import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.Workflow.Absent;
import io.agentflow.domain.workflow.Workflow.Created;
import io.agentflow.domain.workflow.Workflow.Finished;
import io.agentflow.domain.workflow.Workflow.Progress;
import io.agentflow.domain.workflow.Workflow.Running;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow's state at some point, as people read it.
 *
 * @param status created, running, completed or failed
 * @param openCallIds tool calls that wait for their results, in the order in which they were made
 * @param outcome the result or the reason, once it is finished
 */
record WorkflowState(
    String name,
    String intent,
    String status,
    @Nullable String agentId,
    @Nullable String budgetId,
    Map<String, String> labels,
    long messages,
    long toolCalls,
    List<String> openCallIds,
    long totalTokens,
    long totalMicroDollars,
    @Nullable String outcome) {

  static WorkflowState of(Workflow workflow) {
    return switch (workflow) {
      case Absent absent ->
          throw new IllegalArgumentException("a workflow without events has no state");
      case Created(WorkflowCreated description) ->
          of(description, workflow.phase(), Progress.NONE, null);
      case Running(WorkflowCreated description, Progress progress) ->
          of(description, workflow.phase(), progress, null);
      case Finished(
              WorkflowCreated description,
              Progress progress,
              boolean completed,
              String outcome) ->
          of(description, workflow.phase(), progress, outcome);
    };
  }

  private static WorkflowState of(
      WorkflowCreated description, String phase, Progress progress, @Nullable String outcome) {
    return new WorkflowState(
        description.name(),
        description.intent(),
        phase,
        description.agentId(),
        description.budgetId(),
        description.labels(),
        progress.messages().size(),
        progress.toolCalls().size(),
        List.copyOf(progress.openCallIds()),
        progress.total().tokens(),
        progress.total().microDollars(),
        outcome);
  }
}

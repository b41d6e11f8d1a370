package io.agentflow.domain.workflow;

import io.agentflow.domain.Rejection;
import java.util.List;

/** Why a workflow refused a command. */
public sealed interface WorkflowRejection extends Rejection {

  record UnknownWorkflow(String workflowId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "there is no workflow %s; create it first".formatted(workflowId);
    }
  }

  record DifferentWorkflowExists(String workflowId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "workflow %s was already created with another description; take a new id"
          .formatted(workflowId);
    }
  }

  /** The phase that the workflow is in does not take the command. */
  record WrongPhase(String attempted, String phase, String wanted) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "cannot %s a workflow that is %s; it has to be %s".formatted(attempted, phase, wanted);
    }
  }

  record MessageDiffers(String messageId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "message %s was already recorded with other content; a new message needs a new id"
          .formatted(messageId);
    }
  }

  record ToolCallDiffers(String callId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "tool call %s was already recorded with other content; a new call needs a new id"
          .formatted(callId);
    }
  }

  record ToolResultDiffers(String callId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "tool call %s already has another result; a call has one result".formatted(callId);
    }
  }

  record UnknownToolCall(String callId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "no tool call %s was recorded; record the call before its result".formatted(callId);
    }
  }

  /** A workflow does not complete while calls wait for their results. */
  record ToolCallsOpen(List<String> callIds) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "tool calls have no result yet: %s; record their results, or fail the workflow"
          .formatted(String.join(", ", callIds));
    }
  }

  record TotalTooLarge() implements WorkflowRejection {
    @Override
    public String sentence() {
      return "the workflow's total cost would pass 2^53 - 1, more than JSON carries exactly";
    }
  }
}

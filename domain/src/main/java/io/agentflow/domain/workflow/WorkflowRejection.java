package io.agentflow.domain.workflow;

import io.agentflow.domain.Rejection;
import io.agentflow.domain.planning.PlanFault;
import java.util.List;
import java.util.stream.Collectors;

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

  /** The plan is not admissible; all that is wrong with it. */
  record PlanHasFaults(List<PlanFault> faults) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "the plan has %d faults: %s"
          .formatted(
              faults.size(),
              faults.stream()
                  .map(fault -> fault.at() + " " + fault.fault())
                  .collect(Collectors.joining("; ")));
    }
  }

  /** A new version of a plan changes or leaves out steps that have begun. */
  record PlanDropsWork(List<String> stepIds) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "steps %s have begun; a new version of the plan has to keep them as they are"
          .formatted(String.join(", ", stepIds));
    }
  }

  /** Before it starts, a workflow's plan has to be approved. */
  record PlanNotApproved(int planVersion) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "version %d of the plan is not approved; have it approved, then start"
          .formatted(planVersion);
    }
  }

  /** The autonomy mode does not let it happen. */
  record ModeForbids(String rule) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "%s; propose the plan under another mode to have it carried out".formatted(rule);
    }
  }

  /** A workflow with a plan ends when its steps are done. */
  record PlanDecides() implements WorkflowRejection {
    @Override
    public String sentence() {
      return "this workflow has a plan and ends with its steps; cancel it to end it before";
    }
  }

  record NoPlan() implements WorkflowRejection {
    @Override
    public String sentence() {
      return "this workflow has no plan; propose one first";
    }
  }

  record UnknownStep(String stepId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "the plan has no step %s".formatted(stepId);
    }
  }

  /** The step is not in the phase that the command wants. */
  record StepNotInPhase(String stepId, String phase, String wanted) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "step %s is %s; it has to be %s".formatted(stepId, phase, wanted);
    }
  }

  /** The answer comes from a worker that does not hold the step any more. */
  record LeaseLost(String stepId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "the lease on step %s is not held any more: it ran out, was answered, or the step was"
              .formatted(stepId)
          + " cancelled; drop this work and take another lease";
    }
  }

  /** The step's estimate is not set aside yet. */
  record NotReserved(String stepId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "the budget has nothing reserved for step %s yet; wait for its reservation"
          .formatted(stepId);
    }
  }

  record ResultsDiffer(String originWorkflowId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "other results were already taken over from workflow %s".formatted(originWorkflowId);
    }
  }

  record SignalDiffers(String signalId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "signal %s was already sent with other content; a new signal needs a new id"
          .formatted(signalId);
    }
  }

  record UnknownApproval(String approvalId) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "there is no approval %s".formatted(approvalId);
    }
  }

  record ApprovalClosed(String approvalId, String how) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "approval %s is already %s".formatted(approvalId, how);
    }
  }

  /** Who asked for something does not approve it. */
  record OwnRequest(String by) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "%s asked for this and cannot approve it; somebody else has to".formatted(by);
    }
  }

  record NotEntitled(String by, List<String> people, List<String> roles)
      implements WorkflowRejection {
    @Override
    public String sentence() {
      return "%s may not decide this; it is for people %s and roles %s"
          .formatted(by, people, roles);
    }
  }

  /** What was looked at is not what is to be approved. */
  record DigestDiffers(String expected) implements WorkflowRejection {
    @Override
    public String sentence() {
      return "what is to be approved has the digest %s; look at it again".formatted(expected);
    }
  }
}

package io.agentflow.domain.workflow;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one may ask of a workflow. Each constructor throws {@link InvalidField} for a value that no
 * event could carry.
 */
public sealed interface WorkflowCommand
    permits WorkflowCommand.CreateWorkflow,
        WorkflowCommand.LaunchWorkflow,
        WorkflowCommand.StartWorkflow,
        WorkflowCommand.RecordMessage,
        WorkflowCommand.RecordToolCall,
        WorkflowCommand.RecordToolResult,
        WorkflowCommand.CompleteWorkflow,
        WorkflowCommand.FailWorkflow,
        RunCommand {

  /** Longest intent, result or reason, in characters. */
  int SENTENCE_CHARS_MAX = 10_000;

  /** Most labels a workflow has. */
  int LABELS_MAX = 32;

  WorkflowId workflowId();

  /**
   * Describes a run of work before it starts.
   *
   * @param intent what is to be achieved, in the words of who asked
   * @param agentId who is to do it, where one agent does
   * @param budgetId what its cost is charged to
   * @param labels the client's own marks, by which it finds the workflow again
   */
  record CreateWorkflow(
      WorkflowId workflowId,
      String name,
      String intent,
      @Nullable AgentId agentId,
      @Nullable BudgetId budgetId,
      Map<String, String> labels)
      implements WorkflowCommand {
    public CreateWorkflow {
      Checks.name("name", name);
      Checks.text("intent", intent, SENTENCE_CHARS_MAX);
      if (labels.size() > LABELS_MAX) {
        throw new InvalidField(
            "labels", "must be at most %d, not %d".formatted(LABELS_MAX, labels.size()));
      }
      labels.forEach(
          (key, value) -> {
            Checks.localId("labels", key);
            Checks.text("labels." + key, value, Checks.NAME_CHARS_MAX);
          });
      labels = Map.copyOf(labels);
    }
  }

  /**
   * Describes, plans and starts a workflow: all of it, or where one of these is refused nothing.
   *
   * @param propose the plan of the same workflow, which starts when it is proposed
   */
  record LaunchWorkflow(CreateWorkflow create, ProposePlan propose) implements WorkflowCommand {
    public LaunchWorkflow {
      if (!create.workflowId().equals(propose.workflowId())) {
        throw new InvalidField("workflowId", "must be the same in all that is launched");
      }
    }

    @Override
    public WorkflowId workflowId() {
      return create.workflowId();
    }

    /** The same, one after the other. */
    List<WorkflowCommand> parts() {
      return List.of(create, propose, new StartWorkflow(workflowId(), propose.at()));
    }
  }

  /** Starts what was described; with a plan, its first steps become ready. */
  record StartWorkflow(WorkflowId workflowId, Instant at) implements WorkflowCommand {
    public StartWorkflow {
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * Records what was said.
   *
   * @param messageId the client's id of the message: the same id again records nothing twice
   * @param cost what this message cost, nothing where it is not known
   * @param leaseToken the lease under which it was said, where there is one: it has to be held
   *     still
   */
  record RecordMessage(
      WorkflowId workflowId,
      String messageId,
      Role role,
      String from,
      String to,
      String content,
      Spend cost,
      @Nullable String leaseToken)
      implements WorkflowCommand {
    public RecordMessage {
      Checks.localId("messageId", messageId);
      Checks.name("from", from);
      Checks.name("to", to);
      Checks.text("content", content, Checks.CONTENT_CHARS_MAX);
    }
  }

  /**
   * Records that an agent called a tool.
   *
   * @param callId the model's id of the call: its result names it
   * @param arguments as the model wrote them, which is not always well-formed JSON
   */
  record RecordToolCall(
      WorkflowId workflowId,
      String callId,
      AgentId agentId,
      String tool,
      String arguments,
      Spend cost,
      @Nullable String leaseToken)
      implements WorkflowCommand {
    public RecordToolCall {
      Checks.localId("callId", callId);
      Checks.name("tool", tool);
      Checks.text("arguments", arguments, Checks.CONTENT_CHARS_MAX);
    }
  }

  /** Records what a tool answered to a call. */
  record RecordToolResult(
      WorkflowId workflowId, String callId, String result, Spend cost, @Nullable String leaseToken)
      implements WorkflowCommand {
    public RecordToolResult {
      Checks.localId("callId", callId);
      Checks.text("result", result, Checks.CONTENT_CHARS_MAX);
    }
  }

  record CompleteWorkflow(WorkflowId workflowId, String result) implements WorkflowCommand {
    public CompleteWorkflow {
      Checks.text("result", result, SENTENCE_CHARS_MAX);
    }
  }

  record FailWorkflow(WorkflowId workflowId, String reason) implements WorkflowCommand {
    public FailWorkflow {
      WorkflowCommand.reason(reason);
    }
  }

  /** Checks a reason: some words. */
  static void reason(String reason) {
    Checks.text("reason", reason, SENTENCE_CHARS_MAX);
    if (reason.isBlank()) {
      throw new InvalidField("reason", "must say why");
    }
  }
}

package io.agentflow.domain.workflow;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.workflow.RunEvent.StepResult;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one may ask of a workflow that has a plan, or is to get one. Times are cut to milliseconds.
 * Each constructor throws {@link InvalidField} for a value that no event could carry.
 */
public sealed interface RunCommand extends WorkflowCommand {

  /** Longest time that a workflow may take. */
  Duration TIMEOUT_MAX = Duration.ofDays(366);

  /** Most characters of all results together that a workflow takes over: they are one event. */
  int REUSED_CHARS_MAX = 2_500_000;

  /**
   * Proposes a plan, or a new version of it: what is done or under way has to stay as it is.
   *
   * @param facts what the plan is judged by
   * @param by who proposes, hence may not approve
   * @param timeoutMillis longest time from start to end, 0 for none
   */
  record ProposePlan(
      WorkflowId workflowId,
      Plan plan,
      AutonomyMode autonomy,
      long timeoutMillis,
      PlanFacts facts,
      String by,
      Instant at)
      implements RunCommand {
    public ProposePlan {
      Checks.name("by", by);
      if (timeoutMillis < 0 || timeoutMillis > TIMEOUT_MAX.toMillis()) {
        throw new InvalidField(
            "timeoutMillis",
            "must be 0 to %d, not %d".formatted(TIMEOUT_MAX.toMillis(), timeoutMillis));
      }
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** Takes over what another workflow had done before a step. */
  record ReuseResults(
      WorkflowId workflowId,
      WorkflowId originWorkflowId,
      String fromStepId,
      List<StepResult> results)
      implements RunCommand {
    public ReuseResults {
      Checks.localId("fromStepId", fromStepId);
      results = List.copyOf(results);
      long chars = results.stream().mapToLong(of -> of.result().length()).sum();
      if (chars > REUSED_CHARS_MAX) {
        throw new InvalidField(
            "results",
            "what the other steps led to may have %d characters together, not %d"
                .formatted(REUSED_CHARS_MAX, chars));
      }
    }
  }

  /**
   * Gives an agent a lease on a step.
   *
   * @param agentMode how far the agent may act alone; the stricter of the two counts
   * @param reservationId the reservation that was seen for this attempt, where it needs one
   */
  record AssignStep(
      WorkflowId workflowId,
      String stepId,
      int attempt,
      AgentId agentId,
      AutonomyMode agentMode,
      @Nullable String reservationId,
      String leaseToken,
      long leaseMillis,
      long timeoutMillisDefault,
      Instant at)
      implements RunCommand {
    public AssignStep {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * Gives an agent a lease on a step that waits for nobody else: asked with an answer, so that a
   * worker goes on without a pause. Where there is none nothing happens, and nothing is refused.
   *
   * @param abilities what the agent can do
   * @param leaseToken names the lease; under the same one at most one step is ever given
   */
  record TakeNext(
      WorkflowId workflowId,
      AgentId agentId,
      Abilities abilities,
      String leaseToken,
      long leaseMillis,
      long timeoutMillisDefault,
      Instant at)
      implements RunCommand {
    public TakeNext {
      Checks.localId("leaseToken", leaseToken);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * A worker's answer about a step, and with it its wish for the next: decided together, so that
   * the next is under way by the time the answer is recorded.
   *
   * @param answer where it is refused, no next is given
   */
  record AnswerStep(LeaseAnswer answer, TakeNext next) implements RunCommand {
    @Override
    public WorkflowId workflowId() {
      return answer.workflowId();
    }
  }

  /** How a worker ends what it has under a lease. */
  sealed interface LeaseAnswer extends RunCommand {
    String stepId();

    String leaseToken();
  }

  /** Says how far a step has come. */
  record ReportProgress(
      WorkflowId workflowId, String stepId, String leaseToken, String note, int percent)
      implements RunCommand {
    public ReportProgress {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      Checks.text("note", note, Checks.NAME_CHARS_MAX);
      if (percent < 0 || percent > 100) {
        throw new InvalidField("percent", "must be 0 to 100, not " + percent);
      }
    }
  }

  record CompleteStep(
      WorkflowId workflowId,
      String stepId,
      String leaseToken,
      String result,
      Spend used,
      Instant at)
      implements LeaseAnswer {
    public CompleteStep {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      Checks.text("result", result, Checks.CONTENT_CHARS_MAX);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * Says that an attempt failed.
   *
   * @param retryable whether another attempt could fare better
   */
  record FailStep(
      WorkflowId workflowId,
      String stepId,
      String leaseToken,
      String reason,
      boolean retryable,
      Spend used,
      Instant at)
      implements LeaseAnswer {
    public FailStep {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      WorkflowCommand.reason(reason);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * Gives a step back that was handed out and will not be done here; another attempt is ready at
   * once, and its plan's retries are not used up.
   */
  record GiveBackStep(
      WorkflowId workflowId, String stepId, String leaseToken, Spend used, Instant at)
      implements RunCommand {

    /** How the log tells it. */
    static final String REASON = "its worker gave it back";

    public GiveBackStep {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The lease's deadline has passed without a heartbeat. */
  record LoseLease(WorkflowId workflowId, String stepId, String leaseToken, Instant at)
      implements RunCommand {
    public LoseLease {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The attempt has taken longer than its time. */
  record TimeOutStep(WorkflowId workflowId, String stepId, String leaseToken, Instant at)
      implements RunCommand {
    public TimeOutStep {
      Checks.localId("stepId", stepId);
      Checks.localId("leaseToken", leaseToken);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The pause before an attempt is over. */
  record EndBackoff(WorkflowId workflowId, String stepId, int attempt, Instant at)
      implements RunCommand {
    public EndBackoff {
      Checks.localId("stepId", stepId);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The time of a wait step is over. */
  record EndWait(WorkflowId workflowId, String stepId, Instant at) implements RunCommand {
    public EndWait {
      Checks.localId("stepId", stepId);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The workflow's deadline has passed. */
  record TimeOutWorkflow(WorkflowId workflowId, Instant at) implements RunCommand {
    public TimeOutWorkflow {
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** Tells a workflow something; wait steps may wait for it. The same id again is ignored. */
  record SendSignal(WorkflowId workflowId, String signalId, String name, String payload, Instant at)
      implements RunCommand {
    public SendSignal {
      Checks.localId("signalId", signalId);
      Checks.localId("name", name);
      Checks.text("payload", payload, Checks.CONTENT_CHARS_MAX);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** Stops the handing out of steps. */
  record PauseWorkflow(WorkflowId workflowId, String reason) implements RunCommand {
    public PauseWorkflow {
      WorkflowCommand.reason(reason);
    }
  }

  /** Lets a paused workflow go on. */
  record ResumeWorkflow(WorkflowId workflowId, Instant at) implements RunCommand {
    public ResumeWorkflow {
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * The budget has too little left for an attempt that is ready: the workflow waits until there is
   * more. What has become of the attempt meanwhile makes it already so.
   */
  record AwaitBudget(
      WorkflowId workflowId, String budgetId, String stepId, int attempt, String reason)
      implements RunCommand {
    public AwaitBudget {
      Checks.localId("stepId", stepId);
      WorkflowCommand.reason(reason);
    }
  }

  /**
   * The budget has room again for attempts that it had refused: if any of them still waits for it,
   * the workflow goes on.
   */
  record AskBudgetAgain(WorkflowId workflowId, String budgetId, List<Refused> refused, Instant at)
      implements RunCommand {
    public AskBudgetAgain {
      refused = List.copyOf(refused);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }

    /** An attempt that was refused. */
    public record Refused(String stepId, int attempt) {}
  }

  /** Ends a workflow before its time, and has undone what can be undone. */
  record CancelWorkflow(WorkflowId workflowId, String reason, Instant at) implements RunCommand {
    public CancelWorkflow {
      WorkflowCommand.reason(reason);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** Tries a step again that has failed for good, and with it its workflow. */
  record RetryStep(WorkflowId workflowId, String stepId, Instant at) implements RunCommand {
    public RetryStep {
      Checks.localId("stepId", stepId);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * Approves.
   *
   * @param roles the roles of who approves
   * @param digest of what was looked at; another digest is refused
   */
  record GrantApproval(
      WorkflowId workflowId,
      String approvalId,
      String by,
      List<String> roles,
      String digest,
      Instant at)
      implements RunCommand {
    public GrantApproval {
      Checks.localId("approvalId", approvalId);
      Checks.name("by", by);
      Checks.name("digest", digest);
      roles = List.copyOf(roles);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  record DenyApproval(
      WorkflowId workflowId,
      String approvalId,
      String by,
      List<String> roles,
      String reason,
      Instant at)
      implements RunCommand {
    public DenyApproval {
      Checks.localId("approvalId", approvalId);
      Checks.name("by", by);
      WorkflowCommand.reason(reason);
      roles = List.copyOf(roles);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** Lets another decide in one's place. */
  record DelegateApproval(
      WorkflowId workflowId,
      String approvalId,
      String by,
      List<String> roles,
      String to,
      Instant at)
      implements RunCommand {
    public DelegateApproval {
      Checks.localId("approvalId", approvalId);
      Checks.name("by", by);
      Checks.name("to", to);
      if (to.equals(by)) {
        throw new InvalidField("to", "must be somebody else");
      }
      roles = List.copyOf(roles);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The time for a decision is over. */
  record ExpireApproval(WorkflowId workflowId, String approvalId, Instant at)
      implements RunCommand {
    public ExpireApproval {
      Checks.localId("approvalId", approvalId);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /** The time for a reminder has come and nobody has decided. */
  record RemindApproval(WorkflowId workflowId, String approvalId, Instant at)
      implements RunCommand {
    public RemindApproval {
      Checks.localId("approvalId", approvalId);
      at = at.truncatedTo(ChronoUnit.MILLIS);
    }
  }
}

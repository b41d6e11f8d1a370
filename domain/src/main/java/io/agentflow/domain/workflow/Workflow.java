package io.agentflow.domain.workflow;

import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.workflow.RunEvent.StepCompensated;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.RunEvent.WorkflowReopened;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.LaunchWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolCall;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolResult;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.ToolCalled;
import io.agentflow.domain.workflow.WorkflowEvent.ToolReturned;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.domain.workflow.WorkflowRejection.DifferentWorkflowExists;
import io.agentflow.domain.workflow.WorkflowRejection.LeaseLost;
import io.agentflow.domain.workflow.WorkflowRejection.MessageDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.PlanDecides;
import io.agentflow.domain.workflow.WorkflowRejection.ToolCallDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.ToolCallsOpen;
import io.agentflow.domain.workflow.WorkflowRejection.ToolResultDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.TotalTooLarge;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownToolCall;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownWorkflow;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * One run of work. Its phase is its type: before it exists, created, running, finished. {@link
 * #decide} says what happens, {@link #evolve} what is so afterwards; neither does anything else.
 */
public sealed interface Workflow {

  /** Nothing is known under this id. */
  record Absent() implements Workflow {}

  /** Described, not started. */
  record Created(WorkflowCreated description, PlanRun run) implements Workflow {}

  /** At work: by its plan, or as its client records it. */
  record Running(WorkflowCreated description, Progress progress, PlanRun run) implements Workflow {}

  /** Over: completed with a result, failed or cancelled with a reason. */
  record Finished(
      WorkflowCreated description, Progress progress, PlanRun run, End end, String outcome)
      implements Workflow {}

  /** How a workflow ended. */
  enum End {
    COMPLETED,
    FAILED,
    CANCELLED
  }

  /**
   * What was recorded so far.
   *
   * @param messages fingerprints by message id
   * @param toolCalls calls by call id
   * @param openCallIds calls without a result, in the order in which they were made
   */
  record Progress(
      AppendOnlyMap<String, Fingerprint> messages,
      AppendOnlyMap<String, ToolCall> toolCalls,
      SequencedSet<String> openCallIds,
      Spend total) {

    public static final Progress NONE =
        new Progress(AppendOnlyMap.empty(), AppendOnlyMap.empty(), OpenCalls.none(), Spend.NONE);
  }

  /**
   * A recorded call.
   *
   * @param result null until the tool has answered
   */
  record ToolCall(String tool, Fingerprint call, @Nullable Fingerprint result) {}

  static Workflow initial() {
    return new Absent();
  }

  /**
   * The phase in one word: absent, created, running, paused, compensating, completed, failed or
   * cancelled.
   */
  default String phase() {
    return switch (this) {
      case Absent absent -> "absent";
      case Created created -> "created";
      case Running running when running.run().ending() != null -> "compensating";
      case Running running when running.run().pause() != null -> "paused";
      case Running running -> "running";
      case Finished finished -> finished.end().name().toLowerCase(Locale.ROOT);
    };
  }

  /** What happens when this is asked of a workflow in this state. */
  static Decision<WorkflowEvent, WorkflowRejection> decide(
      WorkflowCommand command, Workflow workflow) {
    return switch (command) {
      case CreateWorkflow create -> create(create, workflow);
      case LaunchWorkflow launch -> launch(launch, workflow);
      case StartWorkflow start -> start(start, workflow);
      case RecordMessage message -> recordMessage(message, workflow);
      case RecordToolCall call -> recordToolCall(call, workflow);
      case RecordToolResult result -> recordToolResult(result, workflow);
      case CompleteWorkflow complete -> complete(complete, workflow);
      case FailWorkflow fail -> fail(fail, workflow);
      case RunCommand asked -> RunDecisions.decide(asked, workflow);
    };
  }

  private static Decision<WorkflowEvent, WorkflowRejection> create(
      CreateWorkflow command, Workflow workflow) {
    WorkflowCreated created =
        new WorkflowCreated(
            command.workflowId().value(),
            command.name(),
            command.intent(),
            command.agentId() == null ? null : command.agentId().value(),
            command.budgetId() == null ? null : command.budgetId().value(),
            command.labels());
    WorkflowCreated before = descriptionOf(workflow);
    if (before == null) {
      return Decision.accept(created);
    }
    return before.equals(created)
        ? Decision.alreadySo()
        : Decision.reject(new DifferentWorkflowExists(created.workflowId()));
  }

  /** One that was described was launched with that: its plan may have become another since. */
  private static Decision<WorkflowEvent, WorkflowRejection> launch(
      LaunchWorkflow command, Workflow workflow) {
    return workflow instanceof Absent
        ? decideInTurn(command.parts(), workflow)
        : create(command.create(), workflow);
  }

  /**
   * Each is decided on what those before it led to. Where one is refused, all are; where the first
   * is so already, nothing happens.
   */
  static Decision<WorkflowEvent, WorkflowRejection> decideInTurn(
      List<WorkflowCommand> commands, Workflow workflow) {
    Workflow state = workflow;
    List<WorkflowEvent> events = new ArrayList<>();
    for (WorkflowCommand command : commands) {
      Decision<WorkflowEvent, WorkflowRejection> decision = decide(command, state);
      if (!(decision
          instanceof Accepted<WorkflowEvent, WorkflowRejection>(List<WorkflowEvent> accepted))) {
        return decision;
      }
      if (accepted.isEmpty() && events.isEmpty()) {
        return decision;
      }
      for (WorkflowEvent event : accepted) {
        state = evolve(state, event);
      }
      events.addAll(accepted);
    }
    return new Accepted<>(events);
  }

  private static Decision<WorkflowEvent, WorkflowRejection> start(
      StartWorkflow command, Workflow workflow) {
    return switch (workflow) {
      case Absent absent -> unknown(command);
      case Created created -> PlanDecisions.start(command, created);
      case Running running -> Decision.alreadySo();
      // It was started once, so this is the same wish again, come late.
      case Finished finished -> Decision.alreadySo();
    };
  }

  private static Decision<WorkflowEvent, WorkflowRejection> recordMessage(
      RecordMessage command, Workflow workflow) {
    Progress progress = progressOf(workflow);
    Fingerprint before = progress.messages().get(command.messageId());
    if (before != null) {
      return before.equals(fingerprint(command))
          ? Decision.alreadySo()
          : Decision.reject(new MessageDiffers(command.messageId()));
    }
    if (isLeaseLost(command.leaseToken(), workflow)) {
      return Decision.reject(new LeaseLost("message " + command.messageId()));
    }
    Spend total = progress.total().plus(command.cost());
    return whileRunning(
        "record a message in",
        command,
        workflow,
        total,
        new MessageRecorded(
            command.workflowId().value(),
            command.messageId(),
            command.role().word(),
            command.from(),
            command.to(),
            command.content(),
            command.cost().tokens(),
            command.cost().microDollars(),
            total.tokens(),
            total.microDollars()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> recordToolCall(
      RecordToolCall command, Workflow workflow) {
    Progress progress = progressOf(workflow);
    ToolCall before = progress.toolCalls().get(command.callId());
    if (before != null) {
      return before.call().equals(fingerprint(command))
          ? Decision.alreadySo()
          : Decision.reject(new ToolCallDiffers(command.callId()));
    }
    if (isLeaseLost(command.leaseToken(), workflow)) {
      return Decision.reject(new LeaseLost("tool call " + command.callId()));
    }
    Spend total = progress.total().plus(command.cost());
    return whileRunning(
        "record a tool call in",
        command,
        workflow,
        total,
        new ToolCalled(
            command.workflowId().value(),
            command.callId(),
            command.agentId().value(),
            command.tool(),
            command.arguments(),
            command.cost().tokens(),
            command.cost().microDollars(),
            total.tokens(),
            total.microDollars()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> recordToolResult(
      RecordToolResult command, Workflow workflow) {
    if (workflow instanceof Absent) {
      return unknown(command);
    }
    Progress progress = progressOf(workflow);
    ToolCall call = progress.toolCalls().get(command.callId());
    if (call == null) {
      return Decision.reject(new UnknownToolCall(command.callId()));
    }
    if (call.result() != null) {
      return call.result().equals(fingerprint(command))
          ? Decision.alreadySo()
          : Decision.reject(new ToolResultDiffers(command.callId()));
    }
    if (isLeaseLost(command.leaseToken(), workflow)) {
      return Decision.reject(new LeaseLost("tool call " + command.callId()));
    }
    Spend total = progress.total().plus(command.cost());
    return whileRunning(
        "record a tool result in",
        command,
        workflow,
        total,
        new ToolReturned(
            command.workflowId().value(),
            command.callId(),
            call.tool(),
            command.result(),
            command.cost().tokens(),
            command.cost().microDollars(),
            total.tokens(),
            total.microDollars()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> complete(
      CompleteWorkflow command, Workflow workflow) {
    if (isFinishedWith(End.COMPLETED, command.result(), workflow)) {
      return Decision.alreadySo();
    }
    if (runOf(workflow).current() != null) {
      return Decision.reject(new PlanDecides());
    }
    Progress progress = progressOf(workflow);
    if (workflow instanceof Running && !progress.openCallIds().isEmpty()) {
      return Decision.reject(new ToolCallsOpen(progress.openCallIds().stream().toList()));
    }
    return whileRunning(
        "complete",
        command,
        workflow,
        progress.total(),
        new WorkflowCompleted(
            command.workflowId().value(),
            command.result(),
            progress.total().tokens(),
            progress.total().microDollars()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> fail(
      FailWorkflow command, Workflow workflow) {
    if (isFinishedWith(End.FAILED, command.reason(), workflow)) {
      return Decision.alreadySo();
    }
    if (runOf(workflow).current() != null) {
      return Decision.reject(new PlanDecides());
    }
    Progress progress = progressOf(workflow);
    return whileRunning(
        "fail",
        command,
        workflow,
        progress.total(),
        new WorkflowFailed(
            command.workflowId().value(),
            command.reason(),
            progress.total().tokens(),
            progress.total().microDollars()));
  }

  private static Decision<WorkflowEvent, WorkflowRejection> whileRunning(
      String attempted,
      WorkflowCommand command,
      Workflow workflow,
      Spend total,
      WorkflowEvent event) {
    return switch (workflow) {
      case Absent absent -> unknown(command);
      case Created created -> Decision.reject(new WrongPhase(attempted, "created", "running"));
      case Running running when total.isTooLargeForJson() -> Decision.reject(new TotalTooLarge());
      case Running running -> Decision.accept(event);
      case Finished finished ->
          Decision.reject(new WrongPhase(attempted, finished.phase(), "running"));
    };
  }

  private static Decision<WorkflowEvent, WorkflowRejection> unknown(WorkflowCommand command) {
    return Decision.reject(new UnknownWorkflow(command.workflowId().value()));
  }

  /** An answer that relies on a lease which is not held any more. */
  private static boolean isLeaseLost(@Nullable String leaseToken, Workflow workflow) {
    return leaseToken != null
        && workflow instanceof Running
        && !StepDecisions.holds(workflow, leaseToken);
  }

  private static boolean isFinishedWith(End end, String outcome, Workflow workflow) {
    return workflow instanceof Finished finished
        && finished.end() == end
        && finished.outcome().equals(outcome);
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Workflow evolve(Workflow workflow, WorkflowEvent event) {
    return switch (event) {
      case WorkflowCreated created -> new Created(created, PlanRun.NONE);
      case WorkflowStarted started ->
          workflow instanceof Created(WorkflowCreated description, PlanRun run)
              ? new Running(description, Progress.NONE, run)
              : workflow;
      case MessageRecorded said -> running(workflow, recorded(progressOf(workflow), said));
      case ToolCalled called -> running(workflow, recorded(progressOf(workflow), called));
      case ToolReturned returned -> running(workflow, recorded(progressOf(workflow), returned));
      case WorkflowCompleted completed -> finished(workflow, End.COMPLETED, completed.result());
      case WorkflowFailed failed -> finished(workflow, End.FAILED, failed.reason());
      case WorkflowCancelled cancelled -> finished(workflow, End.CANCELLED, cancelled.reason());
      case WorkflowReopened reopened ->
          running(with(workflow, runOf(workflow).evolve(reopened)), progressOf(workflow));
      case StepCompleted done ->
          spent(
              with(workflow, runOf(workflow).evolve(done)),
              done.totalTokens(),
              done.totalMicroDollars());
      case StepCompensated undone ->
          spent(
              with(workflow, runOf(workflow).evolve(undone)),
              undone.totalTokens(),
              undone.totalMicroDollars());
      case StepFailed failed ->
          spent(
              with(workflow, runOf(workflow).evolve(failed)),
              failed.totalTokens(),
              failed.totalMicroDollars());
      case RunEvent of -> with(workflow, runOf(workflow).evolve(of));
      case ApprovalEvent of -> with(workflow, runOf(workflow).evolve(of));
    };
  }

  /** What is so after all of these. */
  static Workflow fold(List<WorkflowEvent> history) {
    Workflow workflow = initial();
    for (WorkflowEvent event : history) {
      workflow = evolve(workflow, event);
    }
    return workflow;
  }

  private static Workflow with(Workflow workflow, PlanRun run) {
    return switch (workflow) {
      case Absent absent -> absent;
      case Created created -> new Created(created.description(), run);
      case Running running -> new Running(running.description(), running.progress(), run);
      case Finished finished ->
          new Finished(
              finished.description(), finished.progress(), run, finished.end(), finished.outcome());
    };
  }

  private static Workflow spent(Workflow workflow, long totalTokens, long totalMicroDollars) {
    Progress progress = progressOf(workflow);
    return running(
        workflow,
        new Progress(
            progress.messages(),
            progress.toolCalls(),
            progress.openCallIds(),
            new Spend(totalTokens, totalMicroDollars)));
  }

  private static Progress recorded(Progress progress, MessageRecorded said) {
    return new Progress(
        progress.messages().with(said.messageId(), fingerprint(said)),
        progress.toolCalls(),
        progress.openCallIds(),
        new Spend(said.totalTokens(), said.totalMicroDollars()));
  }

  private static Progress recorded(Progress progress, ToolCalled called) {
    return new Progress(
        progress.messages(),
        progress
            .toolCalls()
            .with(called.callId(), new ToolCall(called.tool(), fingerprint(called), null)),
        OpenCalls.with(progress.openCallIds(), called.callId()),
        new Spend(called.totalTokens(), called.totalMicroDollars()));
  }

  private static Progress recorded(Progress progress, ToolReturned returned) {
    ToolCall call = progress.toolCalls().get(returned.callId());
    return new Progress(
        progress.messages(),
        call == null
            ? progress.toolCalls()
            : progress
                .toolCalls()
                .with(
                    returned.callId(),
                    new ToolCall(call.tool(), call.call(), fingerprint(returned))),
        OpenCalls.without(progress.openCallIds(), returned.callId()),
        new Spend(returned.totalTokens(), returned.totalMicroDollars()));
  }

  private static Workflow running(Workflow workflow, Progress progress) {
    WorkflowCreated description = descriptionOf(workflow);
    return description == null ? workflow : new Running(description, progress, runOf(workflow));
  }

  private static Workflow finished(Workflow workflow, End end, String outcome) {
    WorkflowCreated description = descriptionOf(workflow);
    return description == null
        ? workflow
        : new Finished(description, progressOf(workflow), runOf(workflow), end, outcome);
  }

  /** The plan on its way; {@link PlanRun#NONE} where there is none. */
  static PlanRun runOf(Workflow workflow) {
    return switch (workflow) {
      case Absent absent -> PlanRun.NONE;
      case Created created -> created.run();
      case Running running -> running.run();
      case Finished finished -> finished.run();
    };
  }

  static @Nullable WorkflowCreated descriptionOf(Workflow workflow) {
    return switch (workflow) {
      case Absent absent -> null;
      case Created created -> created.description();
      case Running running -> running.description();
      case Finished finished -> finished.description();
    };
  }

  static Progress progressOf(Workflow workflow) {
    return switch (workflow) {
      case Absent absent -> Progress.NONE;
      case Created created -> Progress.NONE;
      case Running running -> running.progress();
      case Finished finished -> finished.progress();
    };
  }

  private static Fingerprint fingerprint(RecordMessage command) {
    return Fingerprint.of(
        command.role().word(),
        command.from(),
        command.to(),
        command.content(),
        command.cost().tokens(),
        command.cost().microDollars());
  }

  private static Fingerprint fingerprint(MessageRecorded event) {
    return Fingerprint.of(
        event.role(),
        event.from(),
        event.to(),
        event.content(),
        event.tokens(),
        event.microDollars());
  }

  private static Fingerprint fingerprint(RecordToolCall command) {
    return Fingerprint.of(
        command.agentId().value(),
        command.tool(),
        command.arguments(),
        command.cost().tokens(),
        command.cost().microDollars());
  }

  private static Fingerprint fingerprint(ToolCalled event) {
    return Fingerprint.of(
        event.agentId(), event.tool(), event.arguments(), event.tokens(), event.microDollars());
  }

  private static Fingerprint fingerprint(RecordToolResult command) {
    return Fingerprint.of(command.result(), command.cost().tokens(), command.cost().microDollars());
  }

  private static Fingerprint fingerprint(ToolReturned event) {
    return Fingerprint.of(event.result(), event.tokens(), event.microDollars());
  }
}

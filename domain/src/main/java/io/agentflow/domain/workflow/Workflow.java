package io.agentflow.domain.workflow;

import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.Spend;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
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
import io.agentflow.domain.workflow.WorkflowRejection.MessageDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.ToolCallDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.ToolCallsOpen;
import io.agentflow.domain.workflow.WorkflowRejection.ToolResultDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.TotalTooLarge;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownToolCall;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownWorkflow;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
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
  record Created(WorkflowCreated description) implements Workflow {}

  /** At work: messages and tool calls are recorded. */
  record Running(WorkflowCreated description, Progress progress) implements Workflow {}

  /**
   * Over: completed with a result, or failed with a reason.
   *
   * @param completed false when it failed
   */
  record Finished(WorkflowCreated description, Progress progress, boolean completed, String outcome)
      implements Workflow {}

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

  /** The phase in one word: absent, created, running, completed or failed. */
  default String phase() {
    return switch (this) {
      case Absent absent -> "absent";
      case Created created -> "created";
      case Running running -> "running";
      case Finished finished -> finished.completed() ? "completed" : "failed";
    };
  }

  /** What happens when this is asked of a workflow in this state. */
  static Decision<WorkflowEvent, WorkflowRejection> decide(
      WorkflowCommand command, Workflow workflow) {
    return switch (command) {
      case CreateWorkflow create -> create(create, workflow);
      case StartWorkflow start -> start(start, workflow);
      case RecordMessage message -> recordMessage(message, workflow);
      case RecordToolCall call -> recordToolCall(call, workflow);
      case RecordToolResult result -> recordToolResult(result, workflow);
      case CompleteWorkflow complete -> complete(complete, workflow);
      case FailWorkflow fail -> fail(fail, workflow);
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

  private static Decision<WorkflowEvent, WorkflowRejection> start(
      StartWorkflow command, Workflow workflow) {
    return switch (workflow) {
      case Absent absent -> unknown(command);
      case Created created -> Decision.accept(new WorkflowStarted(command.workflowId().value()));
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
    if (isFinishedWith(true, command.result(), workflow)) {
      return Decision.alreadySo();
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
    if (isFinishedWith(false, command.reason(), workflow)) {
      return Decision.alreadySo();
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

  private static boolean isFinishedWith(boolean completed, String outcome, Workflow workflow) {
    return workflow instanceof Finished finished
        && finished.completed() == completed
        && finished.outcome().equals(outcome);
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Workflow evolve(Workflow workflow, WorkflowEvent event) {
    return switch (event) {
      case WorkflowCreated created -> new Created(created);
      case WorkflowStarted started ->
          workflow instanceof Created(WorkflowCreated description)
              ? new Running(description, Progress.NONE)
              : workflow;
      case MessageRecorded said -> running(workflow, recorded(progressOf(workflow), said));
      case ToolCalled called -> running(workflow, recorded(progressOf(workflow), called));
      case ToolReturned returned -> running(workflow, recorded(progressOf(workflow), returned));
      case WorkflowCompleted completed -> finished(workflow, true, completed.result());
      case WorkflowFailed failed -> finished(workflow, false, failed.reason());
    };
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
    return description == null ? workflow : new Running(description, progress);
  }

  private static Workflow finished(Workflow workflow, boolean completed, String outcome) {
    WorkflowCreated description = descriptionOf(workflow);
    return description == null
        ? workflow
        : new Finished(description, progressOf(workflow), completed, outcome);
  }

  private static @Nullable WorkflowCreated descriptionOf(Workflow workflow) {
    return switch (workflow) {
      case Absent absent -> null;
      case Created created -> created.description();
      case Running running -> running.description();
      case Finished finished -> finished.description();
    };
  }

  private static Progress progressOf(Workflow workflow) {
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

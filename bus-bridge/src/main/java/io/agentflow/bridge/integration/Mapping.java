package io.agentflow.bridge.integration;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.LogEntry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which public event an entry becomes: at most one, from the entry alone. A workflow is the
 * contract's workflow, an attempt of a step that an agent carries out is its task.
 */
final class Mapping {

  private static final int ENTRY_VERSION = 1;
  private static final long NO_ATTEMPT = 0;

  private static final Map<String, Function<Fact, Optional<IntegrationEvent>>> BY_ENTRY_TYPE =
      Map.ofEntries(
          entry("workflow.started", fact -> Optional.of(workflowStarted(fact))),
          entry("workflow.reopened", fact -> Optional.of(workflowStarted(fact))),
          entry("workflow.completed", fact -> Optional.of(workflowEnded(fact, "completed"))),
          entry("workflow.failed", fact -> Optional.of(workflowEnded(fact, "failed"))),
          entry("workflow.cancelled", fact -> Optional.of(workflowEnded(fact, "cancelled"))),
          entry("workflow.step-ready", fact -> Optional.of(taskCreated(fact))),
          entry("workflow.step-assigned", fact -> Optional.of(taskStarted(fact))),
          entry("workflow.step-completed", fact -> taskCompleted(fact, "completed")),
          entry("workflow.step-compensated", fact -> taskCompleted(fact, "compensated")),
          entry("workflow.step-failed", fact -> Optional.of(failed(fact))),
          entry("workflow.step-cancelled", Mapping::taskCancelled),
          entry("workflow.step-unfunded", fact -> Optional.of(taskUnfunded(fact))),
          entry("workflow.message-recorded", Mapping::agentMessage),
          entry("workflow.tool-called", fact -> Optional.of(toolCalled(fact))),
          entry("workflow.tool-returned", fact -> Optional.of(toolReturned(fact))),
          entry("workflow.paused", Mapping::outOfBudget));

  /** Of no other entry is anything told. */
  static final Set<String> ENTRY_TYPES = BY_ENTRY_TYPE.keySet();

  private Mapping() {}

  static Optional<IntegrationEvent> of(LogEntry entry) {
    Function<Fact, Optional<IntegrationEvent>> mapping = BY_ENTRY_TYPE.get(entry.eventType());
    return mapping == null || entry.eventVersion() != ENTRY_VERSION
        ? Optional.empty()
        : mapping.apply(new Fact(entry));
  }

  /** One that had failed starts again: its next end is told as well. */
  private static IntegrationEvent workflowStarted(Fact fact) {
    ObjectNode data =
        fact.taken("stepId", "reopened_for_step").put("workflow_id", fact.workflowId());
    return fact.ofRun(PublicEventType.WORKFLOW_STARTED, fact.addActor(data, "triggered_by"));
  }

  private static IntegrationEvent workflowEnded(Fact fact, String status) {
    ObjectNode data =
        Fact.data()
            .put("workflow_id", fact.workflowId())
            .put("status", status)
            .put("end_time", fact.at());
    ObjectNode result = data.putObject("result");
    fact.add(
        result,
        "reason",
        "reason",
        "totalTokens",
        "tokens_used",
        "totalMicroDollars",
        "micro_dollars");
    result.set("output", fact.taken("result", "text"));
    return fact.ofRun(PublicEventType.WORKFLOW_COMPLETED, data);
  }

  private static IntegrationEvent taskCreated(Fact fact) {
    ObjectNode data =
        fact.taken("stepId", "title").put("description", wanted(fact)).put("status", "pending");
    data.set(
        "metadata",
        fact.taken(
            "workflowId", "workflow_id",
            "stepId", "step_id",
            "attempt", "attempt",
            "compensation", "compensation",
            "kind", "kind",
            "capability", "capability",
            "tool", "tool",
            "timeoutMillis", "timeout_ms",
            "budgetId", "budget_id",
            "estimatedTokens", "estimated_tokens",
            "estimatedMicroDollars", "estimated_micro_dollars"));
    return fact.ofTask(PublicEventType.TASK_CREATED, fact.addActor(data, "created_by"));
  }

  /** A plan's words for its step are in the plan; the entry knows what is asked for. */
  private static String wanted(Fact fact) {
    StringBuilder words = new StringBuilder(fact.isTrue("compensation") ? "Undo" : "Do");
    words.append(" step ").append(fact.text("stepId")).append(", attempt ").append(fact.attempt());
    if (fact.has("capability")) {
      words.append(", with the capability ").append(fact.text("capability"));
    }
    if (fact.has("tool")) {
      words.append(", by the tool ").append(fact.text("tool"));
    }
    return words.append('.').toString();
  }

  /** The lease's token opens the step; it is for its holder and stays out. */
  private static IntegrationEvent taskStarted(Fact fact) {
    ObjectNode data = fact.taken("agentId", "agent").put("start_time", fact.at());
    data.set(
        "context",
        fact.taken(
            "workflowId", "workflow_id",
            "stepId", "step_id",
            "attempt", "attempt",
            "autonomy", "autonomy",
            "risk", "risk",
            "rule", "rule",
            "timeoutAt", "timeout_at"));
    return fact.ofTask(PublicEventType.TASK_STARTED, data);
  }

  /** A step that was answered without a lease was for people, or for time: no agent's task. */
  private static Optional<IntegrationEvent> taskCompleted(Fact fact, String status) {
    if (!fact.has("leaseToken")) {
      return Optional.empty();
    }
    ObjectNode data = Fact.data().put("status", status).put("end_time", fact.at());
    ObjectNode result = data.putObject("result");
    fact.add(result, "result", "output");
    result.set("metrics", cost(fact));
    return Optional.of(fact.ofTask(PublicEventType.TASK_COMPLETED, data));
  }

  private static IntegrationEvent failed(Fact fact) {
    return fact.has("leaseToken") ? taskFailed(fact) : peopleRefused(fact);
  }

  private static IntegrationEvent taskFailed(Fact fact) {
    ObjectNode data = Fact.data().put("end_time", fact.at());
    ObjectNode error = data.putObject("error");
    fact.add(error, "cause", "type", "reason", "message");
    error.set("details", fact.add(cost(fact), "stepId", "step_id", "attempt", "attempt"));
    return fact.ofTask(PublicEventType.TASK_FAILED, data);
  }

  private static IntegrationEvent peopleRefused(Fact fact) {
    ObjectNode data =
        fact.taken("cause", "error_type", "reason", "error_message").put("severity", "error");
    data.set("context", fact.taken("stepId", "step_id", "attempt", "attempt"));
    return fact.ofRun(PublicEventType.ERROR_OCCURRED, data);
  }

  /** A step of which nothing was ever handed out had no attempt that could be cancelled. */
  private static Optional<IntegrationEvent> taskCancelled(Fact fact) {
    if (fact.attempt() == NO_ATTEMPT) {
      return Optional.empty();
    }
    ObjectNode data = Fact.data().put("cancel_time", fact.at());
    return Optional.of(
        fact.ofTask(PublicEventType.TASK_CANCELLED, fact.addActor(data, "cancelled_by")));
  }

  private static IntegrationEvent taskUnfunded(Fact fact) {
    ObjectNode data =
        Fact.data()
            .put("cancel_time", fact.at())
            .put("reason", "budget %s has too little left".formatted(fact.text("budgetId")));
    return fact.ofTask(PublicEventType.TASK_CANCELLED, fact.addActor(data, "cancelled_by"));
  }

  /** What users, prompts and tools say is no agent's message. */
  private static Optional<IntegrationEvent> agentMessage(Fact fact) {
    if (!fact.is("role", "assistant")) {
      return Optional.empty();
    }
    ObjectNode data = fact.taken("from", "agent_role", "content", "message");
    data.set("context", fact.add(cost(fact), "messageId", "message_id", "to", "to"));
    return Optional.of(fact.ofRun(PublicEventType.AGENT_MESSAGE, data));
  }

  private static IntegrationEvent toolCalled(Fact fact) {
    ObjectNode data = fact.taken("tool", "action_type").put("status", "started");
    data.set("action_details", fact.add(cost(fact), "callId", "call_id", "arguments", "arguments"));
    return fact.ofRun(PublicEventType.AGENT_ACTION, data);
  }

  private static IntegrationEvent toolReturned(Fact fact) {
    ObjectNode data = fact.taken("tool", "action_type").put("status", "completed");
    data.set("action_details", fact.add(cost(fact), "callId", "call_id", "result", "result"));
    return fact.ofRun(PublicEventType.AGENT_ACTION, data);
  }

  /** People may pause a workflow; that it cannot pay for its steps is an error. */
  private static Optional<IntegrationEvent> outOfBudget(Fact fact) {
    if (!fact.has("budgetId")) {
      return Optional.empty();
    }
    ObjectNode data =
        fact.taken("reason", "error_message")
            .put("error_type", "quota_exceeded")
            .put("severity", "warning");
    data.set("context", fact.taken("budgetId", "budget_id"));
    return Optional.of(fact.ofRun(PublicEventType.ERROR_OCCURRED, data));
  }

  /** What the entry's own doing cost. */
  private static ObjectNode cost(Fact fact) {
    return fact.taken("tokens", "tokens_used", "microDollars", "micro_dollars");
  }
}

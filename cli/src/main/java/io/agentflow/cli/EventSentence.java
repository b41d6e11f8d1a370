package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What happened, in a sentence; of an event that is not known here, its type and what tells most.
 */
final class EventSentence {

  private EventSentence() {}

  static String of(String type, JsonNode of) {
    return switch (type) {
      case "workflow.created" ->
          "%s is created: %s".formatted(text(of, "name"), text(of, "intent"));
      case "workflow.started" -> "started";
      case "workflow.message-recorded" ->
          "%s to %s: %s".formatted(text(of, "from"), text(of, "to"), text(of, "content"));
      case "workflow.tool-called" ->
          "calls %s %s".formatted(text(of, "tool"), text(of, "arguments"));
      case "workflow.tool-returned" ->
          "%s answers %s".formatted(text(of, "tool"), text(of, "result"));
      case "workflow.completed" -> "completed: " + text(of, "result");
      case "workflow.failed" -> "failed: " + text(of, "reason");
      case "workflow.cancelled" -> "cancelled: " + text(of, "reason");
      case "workflow.plan-proposed" ->
          "%s proposes plan %s of %d steps"
              .formatted(
                  text(of, "proposedBy"),
                  text(of, "planVersion"),
                  of.path("plan").path("steps").size());
      case "workflow.plan-approved" ->
          "plan %s is approved: %s".formatted(text(of, "planVersion"), text(of, "rule"));
      case "workflow.plan-rejected" ->
          "plan %s is rejected: %s".formatted(text(of, "planVersion"), text(of, "reason"));
      case "workflow.deadline-set" -> "has to be over by " + text(of, "dueAt");
      case "workflow.restarted-from" ->
          "goes on from %s of %s, with %d results taken over"
              .formatted(
                  text(of, "fromStepId"), text(of, "originWorkflowId"), of.path("reused").size());
      case "workflow.paused" -> "paused: " + text(of, "reason");
      case "workflow.resumed" -> "goes on";
      case "workflow.compensation-started" -> "undoes what was done: " + text(of, "reason");
      case "workflow.reopened" -> step(of) + " is tried again, and so the workflow goes on";
      case "workflow.signal-received" ->
          "the signal %s comes: %s".formatted(text(of, "name"), text(of, "payload"));
      default -> type.startsWith("workflow.approval-") ? approval(type, of) : ofStep(type, of);
    };
  }

  private static String ofStep(String type, JsonNode of) {
    return switch (type) {
      case "workflow.step-ready" ->
          step(of) + (of.path("compensation").asBoolean() ? " is ready to be undone" : " is ready");
      case "workflow.step-unfunded" -> step(of) + " waits: its budget has too little left";
      case "workflow.step-assigned" -> "%s is given to %s".formatted(step(of), text(of, "agentId"));
      case "workflow.step-progressed" ->
          "%s is %s%% done: %s".formatted(step(of), text(of, "percent"), text(of, "note"));
      case "workflow.step-completed" -> "%s is done: %s".formatted(step(of), text(of, "result"));
      case "workflow.step-compensated" ->
          "%s is undone: %s".formatted(step(of), text(of, "result"));
      case "workflow.step-failed" ->
          "%s fails (%s): %s"
              .formatted(step(of), text(of, "cause").replace('_', ' '), text(of, "reason"));
      case "workflow.step-retry-scheduled" ->
          "%s comes at %s".formatted(step(of), text(of, "dueAt"));
      case "workflow.step-skipped" -> "%s is left out: %s".formatted(step(of), text(of, "reason"));
      case "workflow.step-cancelled" -> step(of) + " is not wanted any more";
      case "workflow.wait-started" ->
          step(of)
              + " waits"
              + (of.has("signal") ? " for the signal " + text(of, "signal") : "")
              + (of.has("dueAt") ? " until " + text(of, "dueAt") : "");
      default -> type + " " + most(of);
    };
  }

  private static String approval(String type, JsonNode of) {
    String what = text(of, "approvalId");
    return switch (type) {
      case "workflow.approval-requested" ->
          "%s has to be approved by %s"
              .formatted(
                  of.has("stepId") ? "step " + text(of, "stepId") : "the plan",
                  of.path("required").asInt() == 1 ? "one" : text(of, "required"));
      case "workflow.approval-granted" ->
          "%s approves %s (%s of %s)"
              .formatted(text(of, "by"), what, text(of, "granted"), text(of, "required"));
      case "workflow.approval-denied" ->
          "%s denies %s: %s".formatted(text(of, "by"), what, text(of, "reason"));
      case "workflow.approval-expired" -> "nobody decided %s in time".formatted(what);
      case "workflow.approval-reminded" -> "those who decide %s are reminded".formatted(what);
      case "workflow.approval-delegated" ->
          "%s has %s decide %s".formatted(text(of, "by"), text(of, "to"), what);
      case "workflow.approval-withdrawn" -> "nobody has to decide %s any more".formatted(what);
      default -> type + " " + most(of);
    };
  }

  /** The step, and its attempt where that is not the first. */
  private static String step(JsonNode of) {
    int attempt = of.path("attempt").asInt(1);
    return "step " + text(of, "stepId") + (attempt > 1 ? ", attempt " + attempt + "," : "");
  }

  /** The one field of an event that tells most. */
  static String most(JsonNode of) {
    if (of.has("content")) {
      return text(of, "from") + ": " + text(of, "content");
    }
    if (of.has("arguments")) {
      return text(of, "tool") + " " + text(of, "arguments");
    }
    if (of.has("callId")) {
      return text(of, "tool") + " -> " + text(of, "result");
    }
    for (String field : List.of("reason", "result", "intent")) {
      if (of.has(field)) {
        return text(of, field);
      }
    }
    return "";
  }

  private static String text(JsonNode of, String field) {
    return of.path(field).asText();
  }
}

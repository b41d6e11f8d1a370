package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.cli.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** What a worker tells whoever looks at it: a line a finished step, and notes; text or JSON. */
public final class WorkerLog {

  private final PrintWriter out;
  private final boolean json;

  public WorkerLog(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
  }

  public void note(String text) {
    print(json ? JsonNodeFactory.instance.objectNode().put("note", text).toString() : text);
  }

  void finished(Lease lease, Outcome outcome, Duration took) {
    String word =
        switch (outcome) {
          case Outcome.Completed completed -> "completed";
          case Outcome.Failed failed -> "failed";
          case Outcome.GivenBack back -> "returned";
          case Outcome.Lost lost -> "lost";
        };
    String why =
        switch (outcome) {
          case Outcome.Completed completed -> "";
          case Outcome.Failed(String reason, boolean retryable) -> reason;
          case Outcome.GivenBack() -> "the worker was stopped before the step was done";
          case Outcome.Lost(String reason) -> reason;
        };
    print(json ? asJson(lease, word, why, took) : asText(lease, word, why, took));
  }

  private static String asJson(Lease lease, String word, String why, Duration took) {
    ObjectNode line =
        JsonNodeFactory.instance
            .objectNode()
            .put("outcome", word)
            .put("workflowId", lease.workflowId())
            .put("stepId", lease.stepId())
            .put("attempt", lease.attempt())
            .put("compensation", lease.compensation())
            .put("millis", took.toMillis());
    if (!why.isEmpty()) {
      line.put("reason", why);
    }
    return line.toString();
  }

  private static String asText(Lease lease, String word, String why, Duration took) {
    return String.format(
        Locale.ROOT,
        "%-9s %s%s of workflow %s, attempt %d, %.2f s%s",
        word,
        lease.compensation() ? "compensation of " : "",
        lease.stepId(),
        lease.workflowId(),
        lease.attempt(),
        took.toMillis() / 1e3,
        why.isEmpty() ? "" : ": " + Console.oneLine(why));
  }

  /** What came from elsewhere must not steer the terminal. */
  private void print(String line) {
    out.println(line.replaceAll("\\p{Cntrl}", "?"));
    out.flush();
  }
}

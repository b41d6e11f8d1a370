package io.agentflow.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The server refused: an RFC 9457 problem, whose detail is the message. Nothing was appended by the
 * attempt that was answered so. Where that was the last of several (429, 5xx, {@code key-in-use},
 * {@code concurrent-change}), one before may have been carried out without being heard: the same
 * {@link Command} may be sent again.
 */
public final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final JsonNode problem;

  /** A refusal by an answer, or by a line in the midst of one. */
  public Refusal(int status, JsonNode problem) {
    super(
        problem
            .path("detail")
            .asText(problem.path("title").asText("the server answered with status " + status)));
    this.status = status;
    this.type = problem.path("type").asText("about:blank");
    this.problem = problem;
  }

  public int status() {
    return status;
  }

  /** The problem's stable type, for example {@code /problems/wrong-state}. */
  public String type() {
    return type;
  }

  /** Whether it is the problem of this name, for example {@code wrong-state}. */
  public boolean is(String name) {
    return type.equals("/problems/" + name);
  }

  /** What kind of problem it is, for people. */
  public String title() {
    return problem.path("title").asText();
  }

  /** All that the server said: what the problem has besides, such as {@code faults}, too. */
  public JsonNode problem() {
    return problem;
  }
}

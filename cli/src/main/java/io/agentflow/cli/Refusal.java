package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** The server refused: an RFC 9457 problem. */
public final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final JsonNode problem;

  Refusal(int status, JsonNode problem) {
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

  /** All that the server said. */
  public JsonNode problem() {
    return problem;
  }
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which part of a tenant a role counts. */
public final class ScopeOptions {

  @Option(
      names = "--project",
      paramLabel = "PROJECT",
      description = "Where it counts. Default: the whole tenant.")
  private @Nullable String project;

  @Option(
      names = "--environment",
      paramLabel = "ENVIRONMENT",
      description = "Where in the project it counts. Default: all of it.")
  private @Nullable String environment;

  /** Says so in the body of a command. */
  void addTo(ObjectNode body) {
    if (project != null) {
      body.put("project", project);
    }
    if (environment != null) {
      body.put("environment", environment);
    }
  }

  /** The part of the tenant that an answer names, for people. */
  static String words(JsonNode answer) {
    if (!answer.path("project").isTextual()) {
      return "the tenant";
    }
    String project = answer.path("project").asText();
    return answer.path("environment").isTextual()
        ? project + " / " + answer.path("environment").asText()
        : project;
  }
}

package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;

/** {@code echo}: answers its input. For trying things out, and for joining results of steps. */
public final class EchoTool implements StepTool {

  @Override
  public String run(JsonNode input, StepContext context) {
    return input.isTextual() ? input.asText() : input.toString();
  }
}

package io.agentflow.cli.worker;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a worker can do.
 *
 * @param tools by the names in which plans ask for them
 * @param agent does the steps that ask for an agent rather than for a tool
 */
public record Toolbox(Map<String, StepTool> tools, StepTool agent) {

  private static final String AGENT_STEP = "agent";

  public Toolbox {
    tools = Collections.unmodifiableMap(new TreeMap<>(tools));
  }

  /** What a compensation calls is a tool, also when it undoes an agent's step. */
  StepTool toolFor(Lease lease) {
    if (lease.kind().equals(AGENT_STEP) && !lease.compensation()) {
      return agent;
    }
    StepTool tool = lease.tool() == null ? null : tools.get(lease.tool());
    if (tool == null) {
      throw StepFailed.forGood(
          "this worker has no tool \"%s\"; it has %s".formatted(lease.tool(), tools.keySet()));
    }
    return tool;
  }
}

package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;

/** Something that a step can ask for. One tool serves many steps at once. */
public interface StepTool {

  /**
   * Does what a step asks for. An interrupt means that nobody waits for the result any more: the
   * tool stops what it began and leaves.
   *
   * @param input what the plan gives, references to other steps' results already replaced
   * @return the step's result, as text
   * @throws StepFailed saying why, and whether another attempt may help
   */
  String run(JsonNode input, StepContext context) throws InterruptedException;
}

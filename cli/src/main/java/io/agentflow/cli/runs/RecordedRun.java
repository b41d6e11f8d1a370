package io.agentflow.cli.runs;

import java.util.List;

/**
 * One recorded run of an agent, checked and complete.
 *
 * @param digest SHA-256 of the line's canonical JSON, as hex: what makes a run the same run
 * @param userCostMicroDollars what the simulated user cost, as recorded; 0 where it is not
 * @param steps what happened, in order
 */
record RecordedRun(
    String digest,
    String taskId,
    String trial,
    double reward,
    long userCostMicroDollars,
    String intent,
    List<Step> steps) {

  /** A reward of 1 means that the run reached the state it was meant to reach. */
  boolean isSuccessful() {
    return reward >= 1.0;
  }

  /** One thing that happened. */
  sealed interface Step {

    /** Characters of what was written or read. */
    int chars();

    /** Whether the model wrote it; all else it read. */
    boolean isOutput();

    record Message(String role, String content) implements Step {
      @Override
      public int chars() {
        return content.length();
      }

      @Override
      public boolean isOutput() {
        return role.equals("assistant");
      }
    }

    record ToolCall(String callId, String tool, String arguments) implements Step {
      @Override
      public int chars() {
        return tool.length() + arguments.length();
      }

      @Override
      public boolean isOutput() {
        return true;
      }
    }

    record ToolResult(String callId, String result) implements Step {
      @Override
      public int chars() {
        return result.length();
      }

      @Override
      public boolean isOutput() {
        return false;
      }
    }
  }
}

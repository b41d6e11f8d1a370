package io.agentflow.cli.worker;

/** How a step ended for the worker. */
sealed interface Outcome {

  record Completed(String result) implements Outcome {}

  record Failed(String reason, boolean retryable) implements Outcome {

    private static final int REASON_CHARS_MAX = 1_000;

    /** Cut to what a person reads, and to characters that an event can carry. */
    public Failed {
      String carried = reason.replace('\0', '?');
      if (carried.length() > REASON_CHARS_MAX) {
        boolean splits = Character.isHighSurrogate(carried.charAt(REASON_CHARS_MAX - 2));
        carried = carried.substring(0, REASON_CHARS_MAX - (splits ? 2 : 1)) + "…";
      }
      reason = carried;
    }
  }

  /** The worker stops before the step is done. */
  record GivenBack() implements Outcome {}

  /** The step is somebody else's by now, or nobody's: what was done does not count. */
  record Lost(String why) implements Outcome {}
}

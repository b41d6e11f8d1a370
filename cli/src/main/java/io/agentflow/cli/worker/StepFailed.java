package io.agentflow.cli.worker;

/** A step could not be done. The message is what people read in the workflow's history. */
public final class StepFailed extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  private StepFailed(String reason, boolean retryable) {
    super(reason);
    this.retryable = retryable;
  }

  /** Another attempt may help: the cause lies outside and may pass. */
  static StepFailed retryable(String reason) {
    return new StepFailed(reason, true);
  }

  /** Another attempt would fail the same way. */
  static StepFailed forGood(String reason) {
    return new StepFailed(reason, false);
  }

  boolean isRetryable() {
    return retryable;
  }
}

package io.agentflow.cli.worker;

/** What a tool knows of the step that it works for, and where it says what the work has cost. */
public final class StepContext {

  private final Lease lease;
  private volatile long tokens;
  private volatile long microDollars;

  StepContext(Lease lease) {
    this.lease = lease;
  }

  Lease lease() {
    return lease;
  }

  /** Says what was used in all; it is charged to the workflow whether the step fails or not. */
  void used(long usedTokens, long usedMicroDollars) {
    tokens = usedTokens;
    microDollars = usedMicroDollars;
  }

  long tokens() {
    return tokens;
  }

  long microDollars() {
    return microDollars;
  }
}

package io.agentflow.eventstore.simulation;

/** What a node was told about a unit of work. */
enum Outcome {
  /** It is in the log, for ever. */
  ACKNOWLEDGED(true, false),
  /** Another was faster: it is not in the log. */
  CONFLICT(false, true),
  /** The database was away or refused it: it is not in the log. */
  UNAVAILABLE(false, true),
  /** It never reached the log. */
  ROLLED_BACK(false, true),
  /** The database was lost during the commit: it is in the log, or it is not. */
  UNKNOWN(false, false);

  private final boolean appended;
  private final boolean refused;

  Outcome(boolean appended, boolean refused) {
    this.appended = appended;
    this.refused = refused;
  }

  /** Whether it has to be in the log. */
  boolean isAppended() {
    return appended;
  }

  /** Whether it must not be in the log. */
  boolean isRefused() {
    return refused;
  }
}

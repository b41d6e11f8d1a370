package io.agentflow.application.intake;

/** As much as may be of what was asked for is under way, and no turn came soon enough. */
public final class Busy extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** One is done at a time. */
  public Busy(String what) {
    super(what + " is under way; try again when it is done");
  }

  /** So many are done at once, and no more. */
  public Busy(int count, String what) {
    super(
        "%d %s are open here, and no more may be; try again when one has ended"
            .formatted(count, what));
  }
}

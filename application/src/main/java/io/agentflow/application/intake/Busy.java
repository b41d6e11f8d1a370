package io.agentflow.application.intake;

/** As much as may be of what was asked for is under way, and no turn came soon enough. */
public final class Busy extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private Busy(String sentence) {
    super(sentence);
  }

  /** One is done at a time. */
  public static Busy with(String what) {
    return new Busy(what + " is under way; try again when it is done");
  }

  /** So many are done at once, and no more. */
  public static Busy withAll(int count, String what) {
    return new Busy(
        "%d %s are open here, and no more may be; try again when one has ended"
            .formatted(count, what));
  }
}

package io.agentflow.application.access;

import org.jspecify.annotations.Nullable;

/** The caller is known, and this is not for it. */
public final class Forbidden extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final @Nullable Permission missing;

  private Forbidden(String sentence, @Nullable Permission missing) {
    super(sentence);
    this.missing = missing;
  }

  /** None of the caller's roles has the permission. */
  public static Forbidden without(Permission missing) {
    return new Forbidden("this needs the permission " + missing.word(), missing);
  }

  /** The caller is an agent, and this is another's, or no agent's. */
  public static Forbidden toAgent(String sentence) {
    return new Forbidden(sentence, null);
  }

  /** The token is trusted, and does not say what it has to. */
  public static Forbidden byClaim(String claim, String form) {
    return new Forbidden("the token's claim %s must be %s".formatted(claim, form), null);
  }

  /** Nobody has said who may do this: a fault of ours, on the safe side. */
  public static Forbidden unlisted(String operation) {
    return new Forbidden("nobody may " + operation, null);
  }

  /** What the caller lacks, where it is a permission. */
  public @Nullable Permission missing() {
    return missing;
  }
}

package io.agentflow.application.access;

/** The request came without a token, or with one that is not trusted. */
public final class Unauthenticated extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean byToken;

  Unauthenticated(String sentence, boolean byToken) {
    super(sentence);
    this.byToken = byToken;
  }

  /** The challenge of RFC 6750, section 3: an error only where there was a token. */
  public String challenge() {
    return byToken ? "Bearer error=\"invalid_token\"" : "Bearer";
  }
}

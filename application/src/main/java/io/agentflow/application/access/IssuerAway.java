package io.agentflow.application.access;

/** The issuer's keys cannot be read at this moment, so that no token can be judged. */
public final class IssuerAway extends RuntimeException {

  private static final long serialVersionUID = 1L;

  IssuerAway(Throwable cause) {
    super("the keys of the tokens' issuer cannot be read now; try again shortly", cause);
  }
}

package io.agentflow.application.protection;

/** More requests came than their limit allows. */
final class TooManyRequests extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final long retryAfterSeconds;

  TooManyRequests(String whose, long retryAfterSeconds) {
    super(
        "%s sends more requests than its limit; go on in %d s".formatted(whose, retryAfterSeconds),
        null,
        false,
        false);
    this.retryAfterSeconds = retryAfterSeconds;
  }

  long retryAfterSeconds() {
    return retryAfterSeconds;
  }
}

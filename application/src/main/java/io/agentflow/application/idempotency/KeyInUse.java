package io.agentflow.application.idempotency;

/** A request with the same key is being carried out. */
public final class KeyInUse extends RuntimeException {

  private static final long serialVersionUID = 1L;

  KeyInUse() {
    super("a request with this key is being carried out; ask again shortly", null, false, false);
  }
}

package io.agentflow.application.idempotency;

/** The key was used for a request with another body. */
public final class KeyReused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  KeyReused() {
    super(
        "this key was used for a request with another body; take a new key, or repeat that body byte"
            + " by byte",
        null,
        false,
        false);
  }
}

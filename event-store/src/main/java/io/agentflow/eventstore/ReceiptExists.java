package io.agentflow.eventstore;

/** The request was carried out already, here or on another node; nothing was appended again. */
public final class ReceiptExists extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** There is a receipt under this key. */
  public ReceiptExists(ReceiptKey key) {
    super("there is a receipt for %s under key %s".formatted(key.route(), key.key()));
  }
}

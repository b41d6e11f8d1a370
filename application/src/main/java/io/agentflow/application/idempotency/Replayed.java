package io.agentflow.application.idempotency;

import io.agentflow.eventstore.Receipt;

/** The request was carried out before; to be answered as it was then. */
final class Replayed extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Receipt receipt;

  Replayed(Receipt receipt) {
    super("carried out before", null, false, false);
    this.receipt = receipt;
  }

  Receipt receipt() {
    return receipt;
  }
}

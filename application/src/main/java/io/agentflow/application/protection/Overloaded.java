package io.agentflow.application.protection;

/** As many requests as the node takes are being worked on. */
final class Overloaded extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Overloaded(int requests) {
    super(
        "%d requests are being worked on, and this node takes no more; ask again"
            .formatted(requests),
        null,
        false,
        false);
  }
}

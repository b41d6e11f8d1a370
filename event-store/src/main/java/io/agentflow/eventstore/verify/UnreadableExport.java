package io.agentflow.eventstore.verify;

import java.io.IOException;

/** A file that cannot be judged: it is no export, of an unknown version, or not all of it. */
public final class UnreadableExport extends IOException {

  private static final long serialVersionUID = 1L;

  public UnreadableExport(String message) {
    super(message);
  }
}

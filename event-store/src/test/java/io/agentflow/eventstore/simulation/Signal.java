package io.agentflow.eventstore.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What one process can tell another by POSIX, beyond ending. */
enum Signal {
  /** Stand still, wherever you are. */
  STOP,
  /** Go on. */
  CONT,
  /** To PostgreSQL: end at once. To a JVM: print your threads. */
  QUIT;

  void send(long pid) throws InterruptedException {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name(), Long.toString(pid))
              .inheritIO()
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("process %d is gone: no %s".formatted(pid, this));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

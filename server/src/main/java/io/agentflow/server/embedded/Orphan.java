package io.agentflow.server.embedded;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A child process that outlived a server which was killed. It is ended before a new one starts. */
final class Orphan {

  private static final Logger LOG = LoggerFactory.getLogger(Orphan.class);
  private static final Duration END_WITHIN = Duration.ofSeconds(30);

  private Orphan() {}

  /**
   * Ends the process if it still runs and is the program it is said to be; its id may by now belong
   * to another program.
   *
   * @throws IllegalStateException when it does not end in time
   */
  static void end(long pid, String program) {
    ProcessHandle.of(pid)
        .filter(process -> process.info().command().orElse("").contains(program))
        .ifPresent(process -> end(process, program));
  }

  private static void end(ProcessHandle process, String program) {
    LOG.info(
        "ending {} (process {}), left over from a server that was killed", program, process.pid());
    process.destroy();
    try {
      process.onExit().get(END_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException(
          "%s (process %d) does not end; end it by hand".formatted(program, process.pid()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + program + " ends", e);
    }
  }
}

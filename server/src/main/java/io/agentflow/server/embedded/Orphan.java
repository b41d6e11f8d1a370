package io.agentflow.server.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
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
   * @param signal by which it ends in good order, whoever is connected to it: {@code TERM}, {@code
   *     INT}
   * @throws IllegalStateException when it does not end in time
   */
  static void end(long pid, String program, String signal) {
    ProcessHandle.of(pid)
        .filter(process -> process.info().command().orElse("").contains(program))
        .ifPresent(process -> end(process, program, signal));
  }

  private static void end(ProcessHandle process, String program, String signal) {
    LOG.info(
        "ending {} (process {}), left over from a server that was killed", program, process.pid());
    try {
      send(signal, process);
      process.onExit().get(END_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException(
          "%s (process %d) does not end; end it by hand".formatted(program, process.pid()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + program + " ends", e);
    }
  }

  /** Java knows only TERM and KILL; any shell knows the others. */
  private static void send(String signal, ProcessHandle process)
      throws IOException, InterruptedException {
    int exitCode =
        new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(signal, process.pid()))
            .start()
            .waitFor();
    if (exitCode != 0) {
      process.destroy();
    }
  }
}

package io.agentflow.application.stream;

import io.agentflow.application.stream.LogPages.Page;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogUnavailable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One reader's server-sent events, on a thread of its own. Each event has its position as id; while
 * there is none to tell, the id alone moves, so that a client that comes back begins where it was.
 */
final class EventStream {

  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  /** How long a client that lost its connection waits before it comes back. */
  private static final int RETRY_MILLIS = 1_000;

  private final LogPages pages;
  private final Outlet outlet;
  private final JsonMapper json;
  private final Duration heartbeat;
  private final long endAtFirst;
  private long position;
  private boolean caughtUp;

  /**
   * Tells what follows a position.
   *
   * @param endAtFirst where the log ended when the reader came; it is told when it is there
   */
  EventStream(
      LogPages pages,
      Outlet outlet,
      JsonMapper json,
      Duration heartbeat,
      long position,
      long endAtFirst) {
    this.pages = pages;
    this.outlet = outlet;
    this.json = json;
    this.heartbeat = heartbeat;
    this.endAtFirst = endAtFirst;
    this.position = position;
  }

  /** Tells until the client is gone or stalls, or the thread is interrupted. */
  void tell() {
    try {
      write("retry: %d\nid: %d\n\n".formatted(RETRY_MILLIS, position));
      outlet.flush();
      tellWhetherCaughtUp();
      while (true) {
        tellUntilSilence();
        write(": so far nothing more\nid: %d\n\n".formatted(position));
        outlet.flush();
      }
    } catch (Outlet.Stalled e) {
      LOG.info("an event stream is cut off at position {}: {}", position, e.getMessage());
      hint("slow");
      outlet.cutOff();
    } catch (IOException e) {
      // The web server has noticed, and ends the answer by itself.
      LOG.debug("the reader of an event stream is gone", e);
    } catch (InterruptedException e) {
      hint("stopping");
      outlet.end();
    } catch (LogUnavailable e) {
      LOG.warn("an event stream ends, as the log cannot be read: {}", e.getMessage());
      hint("unavailable");
      outlet.end();
    } catch (RuntimeException e) {
      LOG.error("an event stream failed at position {}", position, e);
      hint("failed");
      outlet.end();
    }
  }

  /** Returns when it is time for a heartbeat, be it that entries passed by meanwhile. */
  private void tellUntilSilence() throws IOException, InterruptedException {
    long silentUntilNanos = System.nanoTime() + heartbeat.toNanos();
    long nanosLeft = heartbeat.toNanos();
    while (nanosLeft > 0) {
      Page page = pages.after(position, Duration.ofNanos(nanosLeft));
      if (!page.entries().isEmpty()) {
        for (LogEntry entry : page.entries()) {
          write(event(entry));
          position = entry.position();
        }
        outlet.flush();
        silentUntilNanos = System.nanoTime() + heartbeat.toNanos();
      }
      position = page.through();
      tellWhetherCaughtUp();
      nanosLeft = silentUntilNanos - System.nanoTime();
    }
  }

  private void tellWhetherCaughtUp() throws IOException, InterruptedException {
    if (!caughtUp && position >= endAtFirst) {
      write("id: %d\nevent: caught-up\ndata: {\"through\":%d}\n\n".formatted(position, position));
      outlet.flush();
      caughtUp = true;
    }
  }

  private String event(LogEntry entry) {
    return "id: %d\nevent: %s\ndata: %s\n\n"
        .formatted(entry.position(), entry.eventType(), json.writeValueAsString(LogItem.of(entry)));
  }

  private void write(String block) throws IOException, InterruptedException {
    outlet.write(block.getBytes(StandardCharsets.UTF_8));
  }

  /** Where to go on, for those who read what a stream ends with. */
  private void hint(String reason) {
    try {
      outlet.writeIfPossible(
          "id: %d\nevent: resume\ndata: {\"after\":%d,\"reason\":\"%s\"}\n\n"
              .formatted(position, position, reason)
              .getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.debug("the reader of an event stream could not be told where to resume", e);
    }
  }
}

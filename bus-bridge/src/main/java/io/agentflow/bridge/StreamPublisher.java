package io.agentflow.bridge;

import io.agentflow.bridge.BridgeStatus.State;
import io.agentflow.bridge.BridgeStatus.StreamStatus;
import io.agentflow.bridge.Bus.StreamEnd;
import io.agentflow.bridge.PublishWindow.Overtaken;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one stream equal to the log: reads what the stream tells of it, in order, and publishes
 * each message once. The cursor moves only over what the bus has acknowledged. It has a connection
 * to the bus, a cursor, a lock and a circuit of its own, so that no other stream waits for this
 * one.
 */
final class StreamPublisher {

  private static final Logger LOG = LoggerFactory.getLogger(StreamPublisher.class);
  private static final int PAGE = 512;
  private static final long PAGE_BYTES = 16L << 20;
  private static final int SPAN_MAX = 16_384;
  private static final Duration KEEP_CURSOR_EVERY = Duration.ofMillis(250);
  private static final Executor READERS =
      task -> Thread.ofVirtual().name("bridge-reader").start(task);

  private final StreamContent content;
  private final BusStream stream;
  private final BridgeSession session;
  private final LogReader log;
  private final LogTail tail;
  private final Bus bus;
  private final BridgeSettings settings;
  private final StreamWatch watch;
  private final Thread thread;

  private volatile boolean closed;
  private volatile State state = State.WAITING;
  private volatile String detail = "starting";
  private volatile Circuit circuit = Circuit.HEALTHY;
  private volatile long position;
  private volatile StreamEnd seenEnd = new StreamEnd(0, 0, 0, 0);
  private volatile @Nullable PublishWindow window;
  private final AtomicLong retries = new AtomicLong();
  private final AtomicLong duplicatesRefused = new AtomicLong();
  private long toldAtLeast;

  StreamPublisher(
      StreamContent content,
      BridgeSession session,
      LogReader log,
      LogTail tail,
      Bus bus,
      BridgeSettings settings,
      StreamWatch watch) {
    this.content = content;
    this.stream = content.stream();
    this.session = session;
    this.log = log;
    this.tail = tail;
    this.bus = bus;
    this.settings = settings;
    this.watch = watch;
    this.thread =
        Thread.ofPlatform().name("bridge-" + stream).daemon().unstarted(this::publishUntilClosed);
  }

  /** Has its figures told; they need to know where the log ends. */
  void watched(LongSupplier head) {
    watch.figuresOf(this, head);
  }

  void start() {
    thread.start();
  }

  State state() {
    return state;
  }

  String detail() {
    return detail;
  }

  long position() {
    PublishWindow current = window;
    return current == null ? position : Math.max(position, current.acknowledged().position());
  }

  int inFlight() {
    PublishWindow current = window;
    return current == null ? 0 : current.inFlight();
  }

  Circuit circuit() {
    return circuit;
  }

  long retries() {
    return retries.get();
  }

  long duplicatesRefused() {
    return duplicatesRefused.get();
  }

  Optional<String> serverVersion() {
    return bus.serverVersion();
  }

  /** How it is doing; the stream is asked now, if the bus answers. */
  StreamStatus status(long head) {
    lookAtEnd();
    StreamEnd end = seenEnd;
    return new StreamStatus(
        stream.name(),
        state,
        detail,
        circuit,
        position(),
        Math.max(0, head - position()),
        inFlight(),
        retries.get(),
        duplicatesRefused.get(),
        end.messages(),
        end.bytes(),
        end.firstSequence(),
        end.lastSequence(),
        bus.settingsNotTaken(stream));
  }

  private void lookAtEnd() {
    if (state == State.WAITING || !bus.isConnected()) {
      return;
    }
    try {
      seenEnd = bus.end(stream);
    } catch (BusFailure e) {
      LOG.debug("the bus does not answer", e);
    }
  }

  private void publishUntilClosed() {
    while (!closed) {
      try {
        Optional<BridgeCursor> taken = session.take(stream);
        if (taken.isEmpty()) {
          become(State.STANDBY, "another node publishes, or somebody repairs");
          position = session.cursor(stream).position();
          pause(settings.pollInterval());
          continue;
        }
        position = taken.get().position();
        circuit = circuit.tried();
        publishFrom(taken.get());
      } catch (Overtaken e) {
        LOG.info("bridge {} looks at its stream again: {}", stream, e.getMessage());
        overtaken(e);
      } catch (BusFailure | LogUnavailable e) {
        failed(String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        // A fault of ours must not end the bridge without a word: it is seen in the status.
        LOG.error("the bridge failed", e);
        failed("failed: " + e);
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the bridge is closed");
      }
    }
    become(State.STOPPED, "");
    bus.close();
  }

  /** Where it came further meanwhile, it goes on at once. */
  private void overtaken(Overtaken how) {
    retries.incrementAndGet();
    if (how.position > toldAtLeast) {
      duplicatesRefused.incrementAndGet();
      toldAtLeast = how.position;
    } else if (circuit.failures() > 0) {
      failed(String.valueOf(how.getMessage()));
    } else {
      circuit = new Circuit(Circuit.State.HALF_OPEN, 1, null);
    }
  }

  private void failed(String why) {
    toldAtLeast = 0; // it may be another stream by then
    bus.disconnect();
    if (closed) {
      return;
    }
    retries.incrementAndGet();
    Duration wait = circuit.backoff(settings);
    circuit = circuit.failed(wait);
    become(State.WAITING, why);
    pause(wait);
  }

  private void publishFrom(BridgeCursor kept) throws InterruptedException {
    try {
      Connection connection = bus.ready(stream);
      BridgeCursor found = new ResumePoint(bus, log, content).after(kept);
      BridgeCursor behind =
          new BridgeCursor(Math.max(found.position(), toldAtLeast), found.sequence());
      try (PublishWindow current = new PublishWindow(connection, stream, behind, settings, watch)) {
        bus.onTrouble(trouble -> current.fail(new BusFailure(trouble, null)));
        position = behind.position();
        window = current;
        new Publishing(current, behind, kept).untilClosed();
      } finally {
        bus.onTrouble(trouble -> {});
        window = null;
      }
    } finally {
      session.release(stream);
    }
  }

  /**
   * What the stream tells of a part of the log.
   *
   * @param upTo the part's last position
   */
  private record Part(List<Told> messages, long upTo) {}

  private record Told(long position, StreamMessage message) {}

  /** One time of publishing, from taking the stream until something ends it. */
  private final class Publishing {
    private final PublishWindow current;
    private final long bodyBytesMax = bus.maxBodyBytes();
    private BridgeCursor kept;
    private long keptNanos = System.nanoTime();
    private long heldNanos = System.nanoTime();
    private long readTo;
    private long head;
    private int page = PAGE;
    private int span = PAGE;

    Publishing(PublishWindow current, BridgeCursor behind, BridgeCursor kept) {
      this.current = current;
      this.kept = kept;
      this.readTo = behind.position();
      this.head = log.headPosition();
    }

    /** Ends when the bridge is closed, or somebody wants to repair the stream. */
    void untilClosed() throws InterruptedException {
      try {
        if (head <= readTo) {
          works();
        }
        while (!closed && holds()) {
          if (head <= readTo) {
            awaitEntries();
          } else {
            publishToHead();
          }
        }
        if (!closed) {
          current.awaitAcknowledged();
        }
      } finally {
        if (current.isProven()) {
          circuit = Circuit.HEALTHY;
        }
        keepWhatIsReached();
      }
    }

    private void keepWhatIsReached() {
      try {
        keepCursor(Duration.ZERO);
      } catch (LogUnavailable e) {
        LOG.debug("the cursor stays behind; the stream itself is asked", e);
      }
    }

    /** While one part is published the next is read, so that the wire is never idle. */
    private void publishToHead() throws InterruptedException {
      CompletableFuture<Part> next = read(readTo);
      while (!closed && next != null) {
        Part part = join(next);
        readTo = part.upTo();
        head = Math.max(head, tail.position());
        next = readTo < head ? read(readTo) : null;
        int left = part.messages().size();
        for (Told told : part.messages()) {
          current.publish(told.position(), told.message(), --left == 0);
          keepCursor(KEEP_CURSOR_EVERY);
        }
        current.passTo(readTo);
        works();
        if (!holds()) {
          return;
        }
      }
    }

    private CompletableFuture<Part> read(long after) {
      long upTo = Math.min(head, after + span);
      return CompletableFuture.supplyAsync(() -> part(after, upTo), READERS);
    }

    private Part part(long after, long upTo) {
      List<LogEntry> kept = tail.keptBehind(after, upTo);
      if (!kept.isEmpty()) {
        return new Part(
            told(kept.stream().filter(content.selection()::includes).toList()),
            kept.getLast().position());
      }
      List<LogEntry> entries = log.selected(content.selection(), after, upTo, page);
      boolean more = entries.size() == page;
      List<Told> messages = told(entries);
      long bytes = 1 + entries.stream().mapToLong(entry -> entry.payload().length()).sum();
      if (!entries.isEmpty()) {
        // Where events are large, fewer are read at a time.
        page = Math.clamp(PAGE_BYTES * entries.size() / bytes, 1, PAGE);
      }
      // Where the stream tells of little, more is looked through at a time; never much in vain.
      span = Math.clamp(entries.size() * 2L > PAGE ? span / 2 : span * 2L, PAGE, SPAN_MAX);
      return new Part(messages, more ? entries.getLast().position() : upTo);
    }

    private List<Told> told(List<LogEntry> entries) {
      List<Told> messages = new ArrayList<>(entries.size());
      for (LogEntry entry : entries) {
        content
            .message(entry, bodyBytesMax)
            .ifPresent(message -> messages.add(new Told(entry.position(), message)));
      }
      return messages;
    }

    private static Part join(CompletableFuture<Part> reading) throws InterruptedException {
      try {
        return reading.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw e;
      }
    }

    private void awaitEntries() throws InterruptedException {
      current.awaitAcknowledged();
      current.passTo(readTo);
      works();
      Duration wait = settings.pollInterval();
      if (!current.acknowledged().equals(kept) && wait.compareTo(KEEP_CURSOR_EVERY) > 0) {
        wait = KEEP_CURSOR_EVERY;
      }
      head = Math.max(head, tail.awaitBeyond(readTo, wait));
      keepCursor(KEEP_CURSOR_EVERY);
      if (head <= readTo) {
        head = log.headPosition();
      }
      current.check();
      if (!bus.isConnected()) {
        throw new BusFailure("the connection to NATS broke", null);
      }
    }

    /** Whether the stream is still ours, and nobody wants to repair it. */
    private boolean holds() {
      long now = System.nanoTime();
      if (now - heldNanos < settings.pollInterval().toNanos()) {
        return true;
      }
      heldNanos = now;
      return session.keep(stream);
    }

    private void keepCursor(Duration every) {
      long now = System.nanoTime();
      if (now - keptNanos < every.toNanos()) {
        return;
      }
      BridgeCursor reached = current.acknowledged();
      position = reached.position();
      if (!reached.equals(kept)) {
        session.move(stream, reached);
        kept = reached;
        keptNanos = now;
      }
    }

    private void works() {
      if (current.isProven() || head <= readTo) {
        circuit = Circuit.HEALTHY;
        become(State.PUBLISHING, "");
      }
    }
  }

  private void pause(Duration duration) {
    try {
      if (!closed) {
        TimeUnit.MILLISECONDS.sleep(duration.toMillis());
      }
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether the bridge is closed");
    }
  }

  private void become(State newState, String newDetail) {
    if (state != newState || !detail.equals(newDetail)) {
      LOG.info("bridge {} {} {}", stream, newState, newDetail);
    }
    state = newState;
    detail = newDetail;
  }

  /** Stops publishing; what is not acknowledged is published by whoever comes next. */
  void stop() {
    closed = true;
    thread.interrupt();
  }

  void awaitStopped() throws InterruptedException {
    thread.join();
  }
}

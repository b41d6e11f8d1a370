package io.agentflow.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's events in the order of their positions, each once. {@link #hasNext} waits for the
 * next; it is false when {@link #close} was called, by any thread, or when the query ends where the
 * log ended and that is reached.
 *
 * <p>What breaks off, is closed by the server or stays silent for too long is resumed behind what
 * was told last: while it follows however long the server is away, otherwise as the client's {@link
 * Retries} have it. Nothing is read ahead but what the connection buffers: who is slow may be cut
 * off by the server, and is resumed in the same way. Not for several threads at once, but for
 * {@link #close}.
 */
public final class EventStream implements Iterator<Event>, AutoCloseable {

  private static final String EVENTS = "text/event-stream, application/problem+json";
  private static final String CAUGHT_UP = "caught-up";
  private static final String RESUME = "resume";

  private final Wire wire;
  private final Wire resuming;
  private final EventQuery query;
  private final BodyHandler<InputStream> bodies;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile @Nullable InputStream body;
  private @Nullable ServerSentEvents blocks;
  private @Nullable String lastEventId;
  private @Nullable Event next;
  private int connectionsInVain;

  /** Connected: without a position, the stream begins where the log ends now. */
  EventStream(Wire wire, EventQuery query, Duration silenceMax) {
    this.wire = wire.as(wire.retries(), silenceMax);
    this.resuming =
        wire.as(query.follows() ? wire.retries().untilAnswered() : wire.retries(), silenceMax);
    this.query = query;
    this.bodies = _ -> new TimedBody(silenceMax);
    while (lastEventId == null) {
      open();
    }
    connectionsInVain = 0;
  }

  /** The server's first block says where it begins; until it is there nothing can be resumed. */
  private void open() {
    ServerSentEvents begun = connect(wire);
    try {
      ServerSentEvents.Block first = begun.next();
      if (first != null) {
        take(first);
      }
    } catch (IOException e) {
      // It broke off before it told anything.
    }
    if (lastEventId == null) {
      rest(wire);
    }
  }

  /**
   * Waits for the next event.
   *
   * @throws Refusal when the server does not let this go on, such as for a token that has run out
   * @throws ServerUnreachable when the thread is interrupted
   */
  @Override
  public boolean hasNext() {
    try {
      while (next == null && !closed.isDone()) {
        advance();
      }
      return next != null && !closed.isDone();
    } catch (Wire.GivenUp e) {
      return false;
    }
  }

  @Override
  public Event next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Event told = next;
    next = null;
    return told;
  }

  private void advance() {
    ServerSentEvents from = blocks;
    if (from == null) {
      from = connect(resuming);
    }
    try {
      ServerSentEvents.Block block = from.next();
      if (block == null) {
        rest(resuming);
      } else {
        take(block);
      }
    } catch (IOException e) {
      rest(resuming);
    }
  }

  private void take(ServerSentEvents.Block block) {
    if (!block.data().isEmpty() && !block.type().equals(RESUME)) {
      if (!block.type().equals(CAUGHT_UP)) {
        next = new Event(position(block), block.type(), block.data());
      } else if (!query.follows()) {
        close();
      }
    }
    if (block.id() != null) {
      connectionsInVain = block.id().equals(lastEventId) ? connectionsInVain : 0;
      lastEventId = block.id();
    }
  }

  private static long position(ServerSentEvents.Block block) {
    try {
      return Long.parseLong(String.valueOf(block.id()));
    } catch (NumberFormatException e) {
      throw new IllegalStateException("an event has no position but " + block.id(), e);
    }
  }

  private ServerSentEvents connect(Wire by) {
    Call call = Call.get(query.path()).with("Accept", EVENTS);
    if (lastEventId != null) {
      call = call.with("Last-Event-ID", lastEventId);
    }
    InputStream connected = by.send(call, bodies, closed).body();
    ServerSentEvents from = new ServerSentEvents(connected);
    body = connected;
    blocks = from;
    if (closed.isDone()) {
      disconnect();
    }
    return from;
  }

  /** Before another connection, as this one has ended. */
  private void rest(Wire by) {
    disconnect();
    if (Thread.currentThread().isInterrupted()) {
      throw new ServerUnreachable(by.server(), new InterruptedException());
    }
    if (++connectionsInVain >= by.retries().attemptsMax()) {
      throw new ServerUnreachable(by.server(), new IOException("the events broke off"));
    }
    by.onRetry().run();
    by.rest(
        by.retries().pause(connectionsInVain, 0, ThreadLocalRandom.current().nextDouble()), closed);
  }

  private void disconnect() {
    blocks = null;
    closeBody();
  }

  private void closeBody() {
    InputStream from = body;
    body = null;
    if (from != null) {
      try {
        from.close();
      } catch (IOException e) {
        // It was to be over, and it is.
      }
    }
  }

  @Override
  public void close() {
    closed.complete(null);
    closeBody();
  }
}

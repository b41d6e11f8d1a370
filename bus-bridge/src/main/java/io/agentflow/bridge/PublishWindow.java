package io.agentflow.bridge;

import io.agentflow.bridge.telemetry.MessageSpans;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import io.opentelemetry.api.trace.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one stream that are on their way. Each names the sequence number that it must
 * follow, and the id of the message that has it, so one that the server refuses takes all behind it
 * along: no hole, no wrong order, and no second publisher can slip in. (By the number alone, what
 * others publish could stand where one of ours was refused, and the next would be taken.) Therefore
 * an acknowledgement holds for all before it, too, and only some messages ask for one.
 *
 * <p>The first message goes alone: what is wrong shows by it, with the server's own words.
 */
final class PublishWindow implements AutoCloseable {

  private static final long BYTES_MAX = 16L << 20;
  private static final int ASKS_A_WINDOW = 8;
  private static final Set<Integer> NOT_BEHIND_THE_LAST = Set.of(10_070, 10_071);

  private final Connection connection;
  private final BusStream stream;
  private final int messagesMax;
  private final Duration ackTimeout;
  private final StreamWatch watch;
  private final Dispatcher dispatcher;
  private final String inbox;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Sent> inFlight = new ArrayDeque<>();
  private long bytesInFlight;
  private int notAsked;
  private long bytesNotAsked;
  private long sequence;
  private long acknowledgedSequence;
  private long acknowledgedPosition;
  private long progressNanos = System.nanoTime();
  private @Nullable String previousId;
  private boolean proven;
  private @Nullable BusFailure failure;

  /**
   * A message that is not acknowledged yet.
   *
   * @param sequence that it gets if it is taken
   * @param nanos when it went out
   * @param span ended when it is acknowledged, or fails
   */
  private record Sent(long sequence, long position, int bytes, long nanos, Span span) {}

  /**
   * Goes on behind what a stream holds.
   *
   * @param behind the stream's last sequence number, and up to which entry it is told
   */
  PublishWindow(
      Connection connection,
      BusStream stream,
      BridgeCursor behind,
      BridgeSettings settings,
      StreamWatch watch) {
    this.connection = connection;
    this.stream = stream;
    this.messagesMax = settings.window();
    this.ackTimeout = settings.ackTimeout();
    this.watch = watch;
    this.sequence = behind.sequence();
    this.acknowledgedSequence = behind.sequence();
    this.acknowledgedPosition = behind.position();
    this.inbox = connection.createInbox() + ".";
    this.dispatcher = connection.createDispatcher(this::acknowledge);
    dispatcher.subscribe(inbox + "*");
  }

  /** The bus holds more than we knew: somebody else published, or it knew a message already. */
  static final class Overtaken extends BusFailure {

    private static final long serialVersionUID = 1L;

    /** Up to which entry the bus said that it has all, or 0. */
    final long position;

    Overtaken(String message, long position) {
      super(message, null);
      this.position = position;
    }
  }

  /**
   * Publishes the next message, once there is room for it.
   *
   * @param position of the entry that it tells
   * @param last whether nothing follows for now
   * @throws BusFailure when this one or one before it was refused, or the acknowledgement is late
   */
  void publish(long position, StreamMessage message, boolean last) throws InterruptedException {
    Span span = watch.publishing(message);
    try {
      publish(position, message, last, span);
    } catch (BusFailure | InterruptedException e) {
      MessageSpans.failed(span, e);
      throw e;
    }
  }

  private void publish(long position, StreamMessage message, boolean last, Span span)
      throws InterruptedException {
    long behind;
    boolean asks;
    lock.lock();
    try {
      while (!hasRoom()) {
        awaitProgress();
      }
      throwFailure();
      if (inFlight.isEmpty()) {
        progressNanos = System.nanoTime();
      }
      behind = sequence++;
      inFlight.add(new Sent(sequence, position, message.bytes(), System.nanoTime(), span));
      bytesInFlight += message.bytes();
      notAsked++;
      bytesNotAsked += message.bytes();
      asks =
          last
              || !proven
              || notAsked * ASKS_A_WINDOW >= messagesMax
              || bytesNotAsked * ASKS_A_WINDOW >= BYTES_MAX;
      if (asks) {
        notAsked = 0;
        bytesNotAsked = 0;
      }
    } finally {
      lock.unlock();
    }
    Headers headers =
        message
            .natsHeaders()
            .add(NatsJetStreamConstants.EXPECTED_STREAM_HDR, stream.name())
            .add(NatsJetStreamConstants.EXPECTED_LAST_SEQ_HDR, Long.toString(behind));
    if (previousId != null) {
      headers.add(NatsJetStreamConstants.EXPECTED_LAST_MSG_ID_HDR, previousId);
    }
    previousId = message.id();
    try {
      if (asks) {
        connection.publish(message.subject(), inbox + (behind + 1), headers, message.body());
      } else {
        connection.publish(message.subject(), headers, message.body());
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new BusFailure("cannot publish: " + e.getMessage(), e);
    }
  }

  private boolean hasRoom() {
    return failure != null
        || inFlight.isEmpty()
        || (proven && inFlight.size() < messagesMax && bytesInFlight < BYTES_MAX);
  }

  /** Waits until everything is acknowledged. */
  void awaitAcknowledged() throws InterruptedException {
    lock.lock();
    try {
      while (!inFlight.isEmpty()) {
        awaitProgress();
      }
      throwFailure();
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // whoever calls it does so in a loop
  private void awaitProgress() throws InterruptedException {
    throwFailure();
    long nanosLeft = ackTimeout.toNanos() - (System.nanoTime() - progressNanos);
    if (nanosLeft <= 0) {
      throw new BusFailure(
          "NATS did not acknowledge within %d ms".formatted(ackTimeout.toMillis()), null);
    }
    if (changed.await(nanosLeft, TimeUnit.NANOSECONDS)) {
      throwFailure();
    }
  }

  /** Fails where something went wrong meanwhile. */
  void check() {
    lock.lock();
    try {
      throwFailure();
    } finally {
      lock.unlock();
    }
  }

  private void throwFailure() {
    BusFailure first = failure;
    if (first != null) {
      throw first;
    }
  }

  /** Up to which entry all is acknowledged, and the stream's last sequence number then. */
  BridgeCursor acknowledged() {
    lock.lock();
    try {
      return new BridgeCursor(acknowledgedPosition, acknowledgedSequence);
    } finally {
      lock.unlock();
    }
  }

  /** Says that up to here there is nothing else to tell; holds once all that was told is there. */
  boolean passTo(long position) {
    lock.lock();
    try {
      if (inFlight.isEmpty() && failure == null) {
        acknowledgedPosition = Math.max(acknowledgedPosition, position);
        return true;
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether a message was acknowledged since it began. */
  boolean isProven() {
    lock.lock();
    try {
      return proven;
    } finally {
      lock.unlock();
    }
  }

  int inFlight() {
    lock.lock();
    try {
      return inFlight.size();
    } finally {
      lock.unlock();
    }
  }

  private void acknowledge(Message message) {
    long expected = Long.parseLong(message.getSubject().substring(inbox.length()));
    if (message.isStatusMessage()) {
      fail(new BusFailure("no stream of the server takes it: " + message.getStatus(), null));
      return;
    }
    try {
      PublishAck ack = new PublishAck(message);
      if (ack.isDuplicate()) {
        fail(new Overtaken("NATS has a message with this id already", positionOf(expected)));
      } else if (ack.getSeqno() != expected) {
        fail(new Overtaken("NATS put a message elsewhere than behind the last", 0));
      } else {
        acknowledge(expected);
      }
    } catch (JetStreamApiException e) {
      String why = "NATS did not take a message: " + e.getMessage();
      fail(
          NOT_BEHIND_THE_LAST.contains(e.getApiErrorCode())
              ? new Overtaken(why, 0)
              : new BusFailure(why, e));
    } catch (IOException e) {
      fail(new BusFailure("NATS answers what is no acknowledgement: " + e.getMessage(), e));
    }
  }

  private void acknowledge(long upTo) {
    lock.lock();
    try {
      Sent first = inFlight.peek();
      Sent last = null;
      int messages = 0;
      while (first != null && first.sequence() <= upTo) {
        inFlight.remove();
        bytesInFlight -= first.bytes();
        acknowledgedSequence = first.sequence();
        acknowledgedPosition = Math.max(acknowledgedPosition, first.position());
        first.span().end();
        last = first;
        messages++;
        first = inFlight.peek();
      }
      if (last != null) {
        watch.acknowledged(messages, System.nanoTime() - last.nanos());
      }
      proven = true;
      progressNanos = System.nanoTime();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long positionOf(long sent) {
    lock.lock();
    try {
      return inFlight.stream()
          .filter(message -> message.sequence() == sent)
          .mapToLong(Sent::position)
          .findFirst()
          .orElse(0);
    } finally {
      lock.unlock();
    }
  }

  /** Ends it: whoever publishes or waits learns why. The first failure counts. */
  void fail(BusFailure why) {
    lock.lock();
    try {
      if (failure == null) {
        failure = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Of what is still in flight nobody knows here whether it was taken; it is looked up and told
   * again.
   */
  private void endSpans() {
    lock.lock();
    try {
      BusFailure why = failure;
      if (why != null) {
        inFlight.forEach(sent -> MessageSpans.failed(sent.span(), why));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    fail(new BusFailure("closed", null));
    endSpans();
    try {
      connection.closeDispatcher(dispatcher);
    } catch (IllegalArgumentException | IllegalStateException e) {
      // It went with its connection.
      return;
    }
  }
}

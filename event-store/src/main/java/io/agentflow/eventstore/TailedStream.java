package io.agentflow.eventstore;

import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;

/**
 * One reader's way through the log: what lies far back it reads for itself, the tail it shares with
 * the others. Its reader is told when there is more. For one thread.
 */
final class TailedStream implements TrackingEventStream {

  private final EventStorageEngine engine;
  private final TailBuffer tail;
  private long position;
  private @Nullable Stream<? extends TrackedEventMessage<?>> reading;
  private @Nullable Iterator<? extends TrackedEventMessage<?>> read;
  private @Nullable TrackedEventMessage<?> peeked;
  private @Nullable Runnable listener;

  /** Reads on behind a position. */
  TailedStream(EventStorageEngine engine, TailBuffer tail, long position) {
    this.engine = engine;
    this.tail = tail;
    this.position = position;
  }

  @Override
  public Optional<TrackedEventMessage<?>> peek() {
    if (peeked == null) {
      peeked = next();
    }
    return Optional.ofNullable(peeked);
  }

  /** The next event, if the log is known to have one. */
  private @Nullable TrackedEventMessage<?> next() {
    if (read != null) {
      if (read.hasNext()) {
        return read.next();
      }
      endReading();
    }
    if (position >= tail.last()) {
      return null;
    }
    TrackedEventMessage<?> shared = tail.find(position + 1);
    if (shared != null) {
      return shared;
    }
    reading = engine.readEvents(new GlobalSequenceTrackingToken(position), false);
    read = reading.iterator();
    return read.hasNext() ? read.next() : null;
  }

  private void endReading() {
    if (reading != null) {
      reading.close();
    }
    reading = null;
    read = null;
  }

  @Override
  public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
    if (peek().isPresent()) {
      return true;
    }
    return tail.awaitBeyond(position, timeout, unit) && peek().isPresent();
  }

  @Override
  public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
    while (true) {
      Optional<TrackedEventMessage<?>> next = peek();
      if (next.isPresent()) {
        peeked = null;
        position = TailBuffer.position(next.get());
        return next.get();
      }
      tail.awaitBeyond(position, 1, TimeUnit.SECONDS);
    }
  }

  @Override
  public boolean setOnAvailableCallback(Runnable callback) {
    if (listener != null) {
      tail.forget(listener);
    }
    listener = callback;
    tail.listen(callback);
    return true;
  }

  @Override
  public void close() {
    endReading();
    if (listener != null) {
      tail.forget(listener);
    }
  }
}

package io.agentflow.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body as it comes. A read that is told nothing for too long fails, which the JDK's own
 * stream does not do. More is asked for only when what came is read.
 */
final class TimedBody extends InputStream implements BodySubscriber<InputStream> {

  private final Duration silenceMax;

  /** Nothing is the end. */
  private final BlockingQueue<Optional<List<ByteBuffer>>> came = new LinkedBlockingQueue<>();

  private final Deque<ByteBuffer> unread = new ArrayDeque<>();
  private volatile @Nullable Subscription subscription;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  TimedBody(Duration silenceMax) {
    this.silenceMax = silenceMax;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Subscription to) {
    subscription = to;
    if (closed) {
      to.cancel();
    } else {
      to.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    came.add(Optional.of(buffers));
  }

  @Override
  public void onError(Throwable e) {
    failure = e;
    came.add(Optional.empty());
  }

  @Override
  public void onComplete() {
    came.add(Optional.empty());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (unread.isEmpty() && !closed) {
      Optional<List<ByteBuffer>> next = await();
      if (next.isEmpty()) {
        came.add(next);
        return atEnd();
      }
      next.get().stream().filter(ByteBuffer::hasRemaining).forEach(unread::add);
      Subscription more = subscription;
      if (more != null) {
        more.request(1);
      }
    }
    ByteBuffer first = unread.peek();
    if (closed || first == null) {
      return -1;
    }
    int count = Math.min(length, first.remaining());
    first.get(to, offset, count);
    if (!first.hasRemaining()) {
      unread.remove();
    }
    return count;
  }

  private Optional<List<ByteBuffer>> await() throws IOException {
    try {
      Optional<List<ByteBuffer>> next = came.poll(silenceMax.toNanos(), TimeUnit.NANOSECONDS);
      if (next == null) {
        close();
        throw new HttpTimeoutException("nothing came for " + silenceMax.toMillis() + " ms");
      }
      return next;
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private int atEnd() throws IOException {
    Throwable why = failure;
    if (why != null && !closed) {
      throw new IOException("the answer broke off", why);
    }
    return -1;
  }

  /** By any thread: whoever reads is told the end. */
  @Override
  public void close() {
    closed = true;
    Subscription from = subscription;
    if (from != null) {
      from.cancel();
    }
    came.add(Optional.empty());
  }
}

package io.agentflow.application.stream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection, written by one thread that the client cannot hold up: what is not taken
 * for a while ends it. Behind it lie the socket's buffers and one piece, never more.
 */
final class Outlet implements WriteListener, AsyncListener {

  private static final Logger LOG = LoggerFactory.getLogger(Outlet.class);

  private static final int PIECE_BYTES = 16_384;

  private final AsyncContext async;
  private final ServletOutputStream out;
  private final CutOff cutOff;
  private final Duration stalledMax;
  private final Semaphore writable = new Semaphore(0);
  private volatile @Nullable Throwable failure;
  private boolean ended;

  /** The client took nothing for too long. */
  static final class Stalled extends IOException {

    private static final long serialVersionUID = 1L;

    Stalled(Duration after) {
      super("the client took nothing for " + after.toSeconds() + " s");
    }
  }

  /** Takes over a request's answer, whose headers are set. */
  Outlet(HttpServletRequest request, CutOff cutOff, Duration stalledMax) throws IOException {
    this.async = request.startAsync();
    this.out = async.getResponse().getOutputStream();
    this.cutOff = cutOff;
    this.stalledMax = stalledMax;
    async.setTimeout(0);
    async.addListener(this);
    out.setWriteListener(this);
  }

  /**
   * Writes, and returns when all but a piece is on its way.
   *
   * @throws Stalled when the client took nothing for too long
   * @throws IOException when it is gone
   */
  void write(byte[] bytes) throws IOException, InterruptedException {
    for (int from = 0; from < bytes.length; from += PIECE_BYTES) {
      awaitWritable();
      int length = Math.min(PIECE_BYTES, bytes.length - from);
      int start = from;
      whileItLasts(() -> out.write(bytes, start, length));
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  /** An answer that the web server has ended meanwhile has lost its inner parts. */
  private static void whileItLasts(Writing writing) throws IOException {
    try {
      writing.run();
    } catch (NullPointerException | IllegalStateException e) {
      throw new IOException("the answer is over", e);
    }
  }

  void flush() throws IOException, InterruptedException {
    awaitWritable();
    whileItLasts(out::flush);
  }

  private void awaitWritable() throws IOException, InterruptedException {
    while (true) {
      writable.drainPermits();
      if (isReady()) {
        return;
      }
      if (!writable.tryAcquire(stalledMax.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Stalled(stalledMax);
      }
    }
  }

  private boolean isReady() throws IOException {
    if (failure != null) {
      throw new IOException("the client is gone", failure);
    }
    boolean[] ready = {false};
    whileItLasts(() -> ready[0] = out.isReady());
    return ready[0];
  }

  /** Writes a last word where the connection takes it at once. */
  void writeIfPossible(byte[] bytes) throws IOException {
    if (bytes.length <= PIECE_BYTES && isReady()) {
      whileItLasts(() -> out.write(bytes, 0, bytes.length));
      if (isReady()) {
        whileItLasts(out::flush);
      }
    }
  }

  /** Ends the answer as answers end. */
  void end() {
    endBy(
        () -> {
          try {
            async.complete();
          } catch (IllegalStateException e) {
            LOG.debug("the web server has ended the answer already", e);
          }
        });
  }

  /** Closes the connection, with what was not taken. */
  void cutOff() {
    endBy(cutOff::run);
  }

  private synchronized void endBy(Runnable way) {
    if (!ended) {
      ended = true;
      way.run();
    }
  }

  @Override
  public void onWritePossible() {
    writable.release();
  }

  @Override
  public void onError(Throwable cause) {
    failure = cause;
    writable.release();
  }

  @Override
  public void onError(AsyncEvent event) {
    onError(event.getThrowable() == null ? new IOException("broken off") : event.getThrowable());
    complete(event);
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    onError(event);
  }

  private synchronized void complete(AsyncEvent event) {
    ended = true;
    event.getAsyncContext().complete();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    onError(new IOException("the answer is over"));
    synchronized (this) {
      ended = true;
    }
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}

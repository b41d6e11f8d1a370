package io.agentflow.application.intake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A body that is waited for as a whole: however it trickles, at some time it is too late. */
final class BodyInTime {

  private static final int PIECE_BYTES = 8_192;

  private final InputStream body;
  private final Duration within;
  private final long lateAtNanos;

  /** The time runs from now on. */
  BodyInTime(InputStream body, Duration within) {
    this.body = body;
    this.within = within;
    this.lateAtNanos = System.nanoTime() + within.toNanos();
  }

  /**
   * Reads to the end, or so many bytes.
   *
   * @throws BodyTooSlow when the time is over
   */
  byte[] read(int bytesMax) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    byte[] piece = new byte[Math.min(PIECE_BYTES, bytesMax)];
    while (read.size() < bytesMax) {
      int length = next(piece, bytesMax - read.size());
      if (length < 0) {
        break;
      }
      read.write(piece, 0, length);
    }
    return read.toByteArray();
  }

  /** Reads what nobody wants; answers whether that was all of it. */
  boolean isPassedOver(long bytesMax) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    long bytesLeft = bytesMax;
    int length = 0;
    while (length >= 0 && bytesLeft > 0) {
      bytesLeft -= length;
      length = next(piece, bytesLeft);
    }
    return length < 0;
  }

  private int next(byte[] piece, long bytesMax) throws IOException {
    if (System.nanoTime() - lateAtNanos > 0) {
      throw new BodyTooSlow(within);
    }
    return body.read(piece, 0, Math.toIntExact(Math.min(piece.length, bytesMax)));
  }

  /** The body was not whole in time. */
  static final class BodyTooSlow extends SocketTimeoutException {

    private static final long serialVersionUID = 1L;

    private BodyTooSlow(Duration within) {
      super(
          "the body was not whole within %d s; the server's setting is AF_REQUEST_BODY_SECONDS"
              .formatted(within.toSeconds()));
    }
  }
}

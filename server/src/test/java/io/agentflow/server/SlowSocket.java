package io.agentflow.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client that sends or takes a little at a time, and never comes to an end by itself. */
final class SlowSocket implements AutoCloseable {

  private static final int SMALL_BUFFER_BYTES = 2_048;

  private final Socket socket = new Socket();

  /** What came of it: all that was answered, and when the server closed the connection. */
  record Ended(String answer, Duration after) {
    int status() {
      return answer.isEmpty() ? 0 : Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }

  SlowSocket(String url) throws IOException {
    socket.setReceiveBufferSize(SMALL_BUFFER_BYTES);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), URI.create(url).getPort()));
  }

  SlowSocket send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** Sends a piece again and again until the server closes; an empty one is silence. */
  Ended trickle(String piece, Duration pause, Duration waitMax) throws IOException {
    long begunNanos = System.nanoTime();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    socket.setSoTimeout(Math.toIntExact(pause.toMillis()));
    byte[] bytes = new byte[8_192];
    while (System.nanoTime() - begunNanos < waitMax.toNanos()) {
      try {
        int read = socket.getInputStream().read(bytes);
        if (read < 0) {
          return ended(answer, begunNanos);
        }
        answer.write(bytes, 0, read);
      } catch (SocketTimeoutException e) {
        send(piece);
      } catch (SocketException e) {
        return ended(answer, begunNanos);
      }
    }
    throw new IOException("not closed within " + waitMax + ", but answered " + answer);
  }

  private static Ended ended(ByteArrayOutputStream answer, long begunNanos) {
    return new Ended(
        answer.toString(StandardCharsets.ISO_8859_1),
        Duration.ofNanos(System.nanoTime() - begunNanos));
  }

  /** Takes so many bytes of the answer. */
  String take(int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

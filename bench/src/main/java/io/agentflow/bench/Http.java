package io.agentflow.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Speaks JSON to one server over HTTP/1.1; a refusal ends the benchmark. With the JDK's own client
 * worker and client took twice the processor time, on the cores that the server needs.
 */
final class Http {

  private static final int ANSWER_WITHIN_MILLIS = 60_000;

  /** The server is not able to at this moment: asked again, as it says; the time counts. */
  private static final int UNAVAILABLE = 503;

  private static final int RETRIES_MAX = 100;
  private static final long RETRY_AFTER_NANOS = Duration.ofMillis(100).toNanos();

  private final URI base;
  private final String everyRequest;
  private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();
  private final AtomicLong unavailable = new AtomicLong();

  Http(URI base) {
    this(base, "");
  }

  private Http(URI base, String more) {
    this.base = base;
    this.everyRequest = "Host: " + base.getAuthority() + "\r\n" + more;
  }

  /** With a token for each request. */
  static Http withToken(URI base, String token) {
    return new Http(base, "Authorization: Bearer " + token + "\r\n");
  }

  /**
   * What a server said.
   *
   * @param headers by their names in lower case
   */
  record Answer(int status, Map<String, String> headers, String body) {

    String header(String name) {
      String value = headers.get(name.toLowerCase(Locale.ROOT));
      if (value == null) {
        throw new IllegalStateException("no " + name + " in " + headers);
      }
      return value;
    }
  }

  /** A port that nobody listens on now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** How many requests were answered that the server is not able to at that moment. */
  long unavailable() {
    return unavailable.get();
  }

  Answer post(String path, String body) throws IOException {
    return send("POST " + path, content(body));
  }

  Answer post(String path, String body, String header, String value) throws IOException {
    return send("POST " + path, header + ": " + value + "\r\n" + content(body));
  }

  private static String content(String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n" + body;
  }

  Answer get(String path) throws IOException {
    return send("GET " + path, "\r\n");
  }

  Answer get(String path, String header, String value) throws IOException {
    return send("GET " + path, header + ": " + value + "\r\n\r\n");
  }

  private Answer send(String methodAndPath, String rest) throws IOException {
    byte[] request =
        (methodAndPath + " HTTP/1.1\r\n" + everyRequest + rest).getBytes(StandardCharsets.UTF_8);
    Answer answer = once(request);
    for (int retry = 0; retry < RETRIES_MAX && answer.status() == UNAVAILABLE; retry++) {
      unavailable.incrementAndGet();
      LockSupport.parkNanos(RETRY_AFTER_NANOS);
      answer = once(request);
    }
    if (answer.status() / 100 != 2) {
      throw new IllegalStateException(
          answer.status() + " to " + methodAndPath + ": " + answer.body());
    }
    return answer;
  }

  private Answer once(byte[] request) throws IOException {
    Answer answer = onKept(request);
    return answer == null ? on(new Connection(base), request) : answer;
  }

  /** On a connection that was used before; null when there is none that the server kept too. */
  private @Nullable Answer onKept(byte[] request) throws IOException {
    for (Connection kept = idle.pollFirst(); kept != null; kept = idle.pollFirst()) {
      try {
        return on(kept, request);
      } catch (Connection.Gone e) {
        // It was closed while nobody used it, before it took anything of this.
        kept.close();
      }
    }
    return null;
  }

  private Answer on(Connection connection, byte[] request) throws IOException {
    Answer answer = connection.exchange(request);
    if (answer.headers().getOrDefault("connection", "").equalsIgnoreCase("close")) {
      connection.close();
    } else {
      idle.addFirst(connection);
    }
    return answer;
  }

  /** One connection; one request at a time. */
  private static final class Connection {

    private final Socket socket = new Socket();
    private final InputStream in;

    Connection(URI base) throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
      in = new BufferedInputStream(socket.getInputStream());
    }

    /** The server has closed it. */
    static final class Gone extends IOException {
      private static final long serialVersionUID = 1L;

      Gone(Throwable cause) {
        super(cause);
      }
    }

    Answer exchange(byte[] request) throws IOException {
      String statusLine;
      try {
        socket.getOutputStream().write(request);
        statusLine = line();
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        throw new Gone(e);
      }
      int status = Integer.parseInt(statusLine, 9, 12, 10);
      Map<String, String> headers = new HashMap<>();
      for (String header = line(); !header.isEmpty(); header = line()) {
        int colon = header.indexOf(':');
        headers.put(
            header.substring(0, colon).toLowerCase(Locale.ROOT),
            header.substring(colon + 1).strip());
      }
      return new Answer(status, headers, body(headers));
    }

    private String body(Map<String, String> headers) throws IOException {
      String length = headers.get("content-length");
      if (length != null) {
        return text(in.readNBytes(Integer.parseInt(length)));
      }
      if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
        return "";
      }
      ByteArrayOutputStream chunks = new ByteArrayOutputStream();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        chunks.write(in.readNBytes(size));
        line();
      }
      line();
      return text(chunks.toByteArray());
    }

    private int chunkSize() throws IOException {
      return Integer.parseInt(line(), 16);
    }

    private static String text(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Up to the end of a line. */
    private String line() throws IOException {
      StringBuilder line = new StringBuilder(64);
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("the server closed the connection");
        }
        if (next != '\r') {
          line.append((char) next);
        }
      }
      return line.toString();
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

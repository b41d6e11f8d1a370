package io.agentflow.server.attack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Bytes as they go over the wire: for what no HTTP client would send. */
final class Wire {

  private static final int TAKES_MILLIS_MAX = 5_000;

  private Wire() {}

  /** Sends what is given and no more, and answers all that comes until the server closes. */
  static String exchange(URI server, String request) throws IOException {
    StringBuilder answer = new StringBuilder();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
      socket.setSoTimeout(TAKES_MILLIS_MAX);
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        socket.shutdownOutput();
        byte[] bytes = new byte[8_192];
        int read = socket.getInputStream().read(bytes);
        while (read >= 0) {
          answer.append(new String(bytes, 0, read, StandardCharsets.ISO_8859_1));
          read = socket.getInputStream().read(bytes);
        }
      } catch (SocketTimeoutException | SocketException e) {
        return answer.toString();
      }
    }
    return answer.toString();
  }
}

package io.agentflow.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a server. Where it is told to, it takes the server's next answer for
 * itself: the server has done what it was asked for, and the client does not hear of it.
 */
final class CuttingProxy implements AutoCloseable {

  private final URI server;
  private final ServerSocket socket;
  private final AtomicReference<@Nullable Runnable> onNextAnswer = new AtomicReference<>();

  CuttingProxy(URI server) throws IOException {
    this.server = server;
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /**
   * Takes the next answer.
   *
   * @param then done before the connection to the client is cut
   */
  void cutNextAnswer(Runnable then) {
    onNextAnswer.set(then);
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Either side's end is the other's, too. */
  private void connect(Socket client) {
    try (client;
        Socket upstream = new Socket(server.getHost(), server.getPort())) {
      Thread asking =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (upstream) {
                      client.getInputStream().transferTo(upstream.getOutputStream());
                    } catch (IOException e) {
                      // One of them is gone.
                    }
                  });
      answer(upstream.getInputStream(), client.getOutputStream());
      asking.interrupt();
    } catch (IOException e) {
      // One of them is gone, or the server is not there.
    }
  }

  private void answer(InputStream from, OutputStream to) throws IOException {
    byte[] piece = new byte[65_536];
    for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
      Runnable then = onNextAnswer.getAndSet(null);
      if (then != null) {
        then.run();
        return;
      }
      to.write(piece, 0, count);
      to.flush();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package io.agentflow.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The world that steps act on: it is asked for an effect by {@code POST /WORKFLOW/STEP}, takes some
 * time for it, most often little, and remembers how often it was asked.
 */
final class Outside implements AutoCloseable {

  private static final int SLOW_ONE_OF = 50;
  private static final long SLOW_MILLIS = 2_000;
  private static final long QUICK_MILLIS = 5;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();

  Outside() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::act);
    server.start();
  }

  /** Host and port. */
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void act(HttpExchange exchange) throws IOException {
    String effect = exchange.getRequestURI().getPath();
    asked.merge(effect, 1, Integer::sum);
    try (exchange) {
      TimeUnit.MILLISECONDS.sleep(
          Math.floorMod(effect.hashCode(), SLOW_ONE_OF) == 0 ? SLOW_MILLIS : QUICK_MILLIS);
      byte[] answer = ("done " + effect).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Effects that were asked for at least once. */
  int effects() {
    return asked.size();
  }

  /** Effects that were asked for more than once. */
  long repeated() {
    return asked.values().stream().filter(times -> times > 1).count();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

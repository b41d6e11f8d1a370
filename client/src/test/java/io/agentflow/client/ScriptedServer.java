package io.agentflow.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Does to each request what its script says; the last line of the script goes for the rest. */
final class ScriptedServer implements AutoCloseable {

  /** What is done to one request. */
  interface Line {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  /** A request as it came in. */
  record Asked(String request, HttpExchange exchange, String body, long atNanos) {
    @Nullable String header(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Line> script = new ConcurrentLinkedQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  ScriptedServer(Line... lines) {
    script.addAll(List.of(lines));
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(
          new Asked(
              exchange.getRequestMethod() + " " + exchange.getRequestURI(),
              exchange,
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
              System.nanoTime()));
      Line line;
      synchronized (script) {
        line = script.size() > 1 ? script.remove() : script.element();
      }
      line.answer(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  List<Asked> asked() {
    return asked;
  }

  static Line answers(int status, String body, String... headers) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  static Line refuses(int status, String type, String... headers) {
    return answers(
        status,
        "{\"type\":\"/problems/%s\",\"title\":\"no\",\"detail\":\"not now\"}".formatted(type),
        headers);
  }

  /** The request was read, and its answer is lost. */
  static Line breaksOff() {
    return exchange -> {};
  }

  /** Half an answer, and then nothing while the server is there. */
  Line fallsSilentAfter(String some) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(some.getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      closing.await();
    };
  }

  /** All of it, and then the connection is closed. */
  static Line tells(String blocks) {
    return answers(200, blocks, "Content-Type", "text/event-stream");
  }

  /** Tells what there is behind what the client has, some of it at a time, and breaks off. */
  static Line tellsInPieces(Map<Long, String> typeAt, int most, AtomicBoolean midstOfAnEvent) {
    return exchange -> {
      String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
      long from = last == null ? 0 : Long.parseLong(last);
      StringBuilder told = new StringBuilder("retry: 1\nid: " + from + "\n\n");
      typeAt.entrySet().stream()
          .filter(entry -> entry.getKey() > from)
          .sorted(Map.Entry.comparingByKey())
          .limit(most)
          .forEach(entry -> told.append(event(entry.getKey(), entry.getValue())));
      int chars = midstOfAnEvent.get() ? told.length() - 3 : told.length();
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(told.substring(0, chars).getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
    };
  }

  static String event(long position, String type) {
    return "id: %d\nevent: %s\ndata: {\"position\":%d,\"type\":\"%s\"}\n\n"
        .formatted(position, type, position, type);
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}

package io.agentflow.server;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Chromium with one page, as a process; told what to do by its DevTools protocol. */
final class Browser implements AutoCloseable {

  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(30);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private final Queue<JsonNode> events = new ConcurrentLinkedQueue<>();
  private final WebSocket socket;
  private final String session;
  private int calls;

  /** The program, where the PATH has one. */
  static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Browser(Path program) throws IOException {
    Path home = Files.createTempDirectory("browser");
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--user-data-dir=" + home));
    if (System.getProperty("user.name").equals("root")) {
      command.add("--no-sandbox"); // it has none for root
    }
    command.add("about:blank");
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(home.resolve("output.log").toFile()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    List<String> address = awaitAddress(home);
    socket =
        http.newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + address.get(0) + address.get(1)), new Reading())
            .join();
    String target =
        call("Target.createTarget", Map.of("url", "about:blank"), null).path("targetId").asString();
    session =
        call("Target.attachToTarget", Map.of("targetId", target, "flatten", true), null)
            .path("sessionId")
            .asString();
    for (String part : List.of("Page", "Runtime", "Network", "Log")) {
      call(part + ".enable", Map.of());
    }
  }

  /** Its port and path, which it writes down once it listens. */
  private List<String> awaitAddress(Path home) throws IOException {
    Path written = home.resolve("DevToolsActivePort");
    long deadlineNanos = System.nanoTime() + ANSWERS_WITHIN.toNanos();
    while (System.nanoTime() < deadlineNanos && process.isAlive()) {
      if (Files.exists(written)) {
        List<String> lines = Files.readAllLines(written);
        if (lines.size() == 2) {
          return lines;
        }
      }
      LockSupport.parkNanos(50_000_000);
    }
    process.destroyForcibly();
    throw new IOException(
        "the browser does not start: " + Files.readString(home.resolve("output.log")));
  }

  private final class Reading implements WebSocket.Listener {

    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonNode message = JsonMapper.shared().readTree(text.toString());
        (message.has("id") ? answers : events).add(message);
        text.setLength(0);
      }
      webSocket.request(1);
      return null;
    }
  }

  private JsonNode call(String method, Map<String, Object> parameters) {
    return call(method, parameters, session);
  }

  private JsonNode call(String method, Map<String, Object> parameters, @Nullable String inSession) {
    int id = ++calls;
    Map<String, Object> message =
        inSession == null
            ? Map.of("id", id, "method", method, "params", parameters)
            : Map.of("id", id, "method", method, "params", parameters, "sessionId", inSession);
    socket.sendText(JsonMapper.shared().writeValueAsString(message), true).join();
    try {
      JsonNode answer = answers.poll(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null || answer.path("id").asInt() != id || answer.has("error")) {
        throw new IllegalStateException(method + " was answered " + answer);
      }
      return answer.path("result");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Goes to a page. */
  void open(String url) {
    call("Page.navigate", Map.of("url", url));
  }

  /** The value of an expression in the page. */
  JsonNode value(String expression) {
    JsonNode result =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(result.path("exceptionDetails").toString());
    }
    return result.path("result").path("value");
  }

  /** Waits until an expression is true in the page; answers whether it came to be. */
  boolean isTrueInTime(String expression) {
    long deadlineNanos = System.nanoTime() + ANSWERS_WITHIN.toNanos();
    while (System.nanoTime() < deadlineNanos) {
      if (value(expression).asBoolean(false)) {
        return true;
      }
      LockSupport.parkNanos(50_000_000);
    }
    return false;
  }

  /** What has happened so far under a name of the protocol, oldest first. */
  List<JsonNode> events(String method) {
    return events.stream()
        .filter(event -> event.path("method").asString().equals(method))
        .map(event -> event.path("params"))
        .toList();
  }

  /** All that the page, or the browser about it, has complained of. */
  List<String> complaints() {
    return Stream.of(
            events("Log.entryAdded").stream().map(entry -> entry.path("entry").path("text")),
            events("Runtime.exceptionThrown").stream().map(JsonNode::deepCopy),
            events("Network.loadingFailed").stream().map(failed -> failed.path("errorText")),
            events("Runtime.consoleAPICalled").stream()
                .filter(called -> !called.path("type").asString().equals("log"))
                .map(called -> called.path("args")))
        .flatMap(texts -> texts.map(JsonNode::toString))
        .toList();
  }

  @Override
  public void close() {
    socket.abort();
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Restate as its users run it: the server with its defaults, which flush each write to disk, and a
 * service in Node with the steps. A workflow is one request to the ingress, answered at its end.
 */
final class RestateServer implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofSeconds(60);
  private static final PathMatcher SERVER =
      FileSystems.getDefault()
          .getPathMatcher("glob:**/@restatedev/restate-server-*/bin/restate-server");

  private final Process server;
  private final Process service;
  private final Http ingress;
  private final String answer;

  private RestateServer(Process server, Process service, Http ingress, String answer) {
    this.server = server;
    this.service = service;
    this.ingress = ingress;
    this.answer = answer;
  }

  /**
   * Fetches it where it is not there yet, and starts it with an empty folder.
   *
   * @param root of the repository
   * @param folder where its data and logs go
   */
  static RestateServer start(Path root, Path folder, int steps, String result)
      throws IOException, InterruptedException {
    if (new ProcessBuilder(root.resolve("scripts/fetch-restate").toString())
            .inheritIO()
            .start()
            .waitFor()
        != 0) {
      throw new IllegalStateException("no Restate to measure beside");
    }
    Path installed = root.resolve(".agentflow/restate");
    Process service =
        new ProcessBuilder(
                "node",
                installed.resolve("service.mjs").toString(),
                Integer.toString(steps),
                Integer.toString(result.length()))
            .redirectError(folder.resolve("restate-service.log").toFile())
            .start();
    String servicePort = firstLine(service);
    int ingressPort = Http.freePort();
    int adminPort = Http.freePort();
    ProcessBuilder builder =
        new ProcessBuilder(
            program(installed).toString(),
            "--base-dir",
            folder.resolve("restate").toString(),
            "--bind-ip",
            "127.0.0.1",
            "--bind-port",
            Integer.toString(Http.freePort()),
            "--listen-mode",
            "tcp",
            "--no-logo");
    builder
        .environment()
        .putAll(
            Map.of(
                "RESTATE_INGRESS__BIND_PORT", Integer.toString(ingressPort),
                "RESTATE_ADMIN__BIND_PORT", Integer.toString(adminPort),
                "RESTATE_DISABLE_TELEMETRY", "true"));
    Process server =
        builder
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("restate.log").toFile())
            .start();
    Http admin = new Http(URI.create("http://127.0.0.1:" + adminPort));
    awaitAnswer(admin, server);
    admin.post("/deployments", "{\"uri\":\"http://127.0.0.1:" + servicePort + "\"}");
    return new RestateServer(
        server,
        service,
        new Http(URI.create("http://127.0.0.1:" + ingressPort)),
        "\"" + result + "\"");
  }

  /** Of what it is made, as it is pinned. */
  static JsonNode versions(Path root) throws IOException {
    return CanonicalJson.parse(Files.readString(root.resolve("bench/restate/package.json")))
        .path("dependencies");
  }

  /** One workflow from its submission to its result. */
  void workflow() throws IOException {
    String body = ingress.post("/Workflow/run", "{}").body();
    if (!body.equals(answer)) {
      throw new IllegalStateException("Restate answered " + body);
    }
  }

  Processes processes() {
    return Processes.of("client", server.toHandle(), service.toHandle());
  }

  private static Path program(Path installed) throws IOException {
    try (Stream<Path> files = Files.walk(installed)) {
      return files
          .filter(SERVER::matches)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no Restate for this platform"));
    }
  }

  private static String firstLine(Process process) throws IOException {
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    if (line == null) {
      throw new IllegalStateException("Restate's service does not start");
    }
    return line;
  }

  private static void awaitAnswer(Http admin, Process server) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
    while (true) {
      try {
        admin.get("/health");
        return;
      } catch (IOException | IllegalStateException e) {
        if (!server.isAlive() || System.nanoTime() > deadlineNanos) {
          throw new IllegalStateException("Restate does not start", e);
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  @Override
  public void close() {
    Processes.end(server);
    Processes.end(service);
  }
}

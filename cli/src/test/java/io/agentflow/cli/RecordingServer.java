package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers what it was told to answer, and keeps what it was asked. */
final class RecordingServer implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

  /** A request as it came in. */
  record Asked(String request, String body, String actor, List<String> roles) {}

  RecordingServer() throws IOException {
    SentToken.leaveKey();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          JsonNode claims = SentToken.claims(exchange.getRequestHeaders());
          List<String> roles = new ArrayList<>();
          claims.path("roles").forEach(role -> roles.add(role.asText()));
          String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
          asked.add(
              new Asked(
                  request,
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                  claims.path("sub").asText(),
                  roles));
          byte[] answer =
              answers
                  .getOrDefault(request, "{\"id\":\"wf\",\"position\":7}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  void answer(String request, String json) {
    answers.put(request, json.replace('\'', '"'));
  }

  Queue<Asked> asked() {
    return asked;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiClientTest {

  private final AtomicInteger requests = new AtomicInteger();
  private volatile int failures;
  private volatile int failureStatus = 503;
  private HttpServer server;
  private URI uri;

  @BeforeEach
  void start() throws IOException {
    SentToken.leaveKey();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean fails = requests.incrementAndGet() <= failures;
          byte[] body =
              (fails
                      ? "{\"type\":\"/problems/wrong-state\",\"detail\":\"not now\"}"
                      : "{\"tenant\":\"%s\"}"
                          .formatted(
                              SentToken.claims(exchange.getRequestHeaders())
                                  .path("tenant")
                                  .asText()))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(fails ? failureStatus : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void what_fails_for_the_moment_is_tried_again() {
    failures = 2;
    assertThat(new ApiClient(uri, "acme", 3).get("/v1/x").path("tenant").asText())
        .isEqualTo("acme");
    assertThat(requests).hasValue(3);
  }

  @Test
  void a_refusal_is_told_at_once() {
    failures = 10;
    failureStatus = 409;
    ApiClient client = new ApiClient(uri, "acme", 3);

    assertThatThrownBy(() -> client.post("/v1/x", JsonNodeFactory.instance.objectNode()))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.type()).isEqualTo("/problems/wrong-state");
              assertThat(refusal.status()).isEqualTo(409);
            })
        .hasMessage("not now");
    assertThat(requests).hasValue(1);
  }

  @Test
  void what_goes_on_failing_is_told_in_the_end() {
    failures = 10;
    assertThatThrownBy(() -> new ApiClient(uri, "acme", 2).get("/v1/x"))
        .isInstanceOf(Refusal.class);
    assertThat(requests).hasValue(2);
  }

  @Test
  void a_server_that_is_not_there_is_named() {
    server.stop(0);
    assertThatThrownBy(() -> new ApiClient(uri, "acme", 2).get("/v1/x"))
        .isInstanceOf(ServerUnreachable.class)
        .hasMessageContaining(uri.toString())
        .hasMessageContaining("af up");
  }
}

package io.agentflow.cli.worker;

import static io.agentflow.cli.worker.ContractServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpToolTest {

  private static final int BODY_BYTES_MAX = 1_000;
  private static final StepContext CONTEXT =
      new StepContext(Lease.of(ContractServer.lease("s", "tool")));

  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;
  private String url;
  private HttpTool tool;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    tool = new HttpTool(List.of("127.0.0.1"), BODY_BYTES_MAX);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String path = exchange.getRequestURI().getPath();
    byte[] sent = exchange.getRequestBody().readAllBytes();
    String body = "hello";
    int status = 200;
    switch (path) {
      case "/echo" ->
          body =
              "%s %s %s %s"
                  .formatted(
                      exchange.getRequestMethod(),
                      exchange.getRequestHeaders().getFirst("X-Key"),
                      exchange.getRequestHeaders().getFirst("Content-Type"),
                      new String(sent, StandardCharsets.UTF_8));
      case "/large" -> body = "x".repeat(BODY_BYTES_MAX + 1);
      case "/here" -> {
        status = 302;
        exchange.getResponseHeaders().set("Location", "/hello");
      }
      case "/elsewhere" -> {
        status = 302;
        exchange
            .getResponseHeaders()
            .set("Location", "http://localhost:" + server.getAddress().getPort() + "/hello");
      }
      case "/round" -> {
        status = 302;
        exchange.getResponseHeaders().set("Location", "/round");
      }
      case "/slow" -> {
        try {
          Thread.sleep(60_000);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      default -> {
        if (path.startsWith("/status/")) {
          status = Integer.parseInt(path.substring("/status/".length()));
        }
      }
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private JsonNode get(String path) throws InterruptedException {
    return json(tool.run(json("{\"url\":\"%s%s\"}".formatted(url, path)), CONTEXT));
  }

  private StepFailed failureOf(String input) {
    try {
      tool.run(json(input), CONTEXT);
    } catch (StepFailed e) {
      return e;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("it did not fail: " + input);
  }

  @Test
  void it_answers_status_and_body() throws Exception {
    assertThat(get("/hello")).isEqualTo(json("{\"status\":200,\"body\":\"hello\"}"));
    assertThat(get("/status/201").path("status").asInt()).isEqualTo(201);
  }

  @Test
  void method_headers_and_body_are_sent() throws Exception {
    String answer =
        tool.run(
            json(
                """
                {"method":"PUT","url":"%s/echo","headers":{"X-Key":"k"},"body":{"a":1}}
                """
                    .formatted(url)),
            CONTEXT);
    assertThat(json(answer).path("body").asText()).isEqualTo("PUT k application/json {\"a\":1}");
  }

  @ParameterizedTest
  @CsvSource({"500, true", "503, true", "400, false", "404, false", "429, false"})
  void a_failure_of_the_server_may_pass_and_a_refusal_does_not(int status, boolean retryable) {
    StepFailed failed = failureOf("{\"url\":\"%s/status/%d\"}".formatted(url, status));
    assertThat(failed.isRetryable()).isEqualTo(retryable);
    assertThat(failed).hasMessageContaining(status + ": hello");
  }

  @Test
  void a_server_that_is_not_there_may_come_back() {
    server.stop(0);
    assertThat(failureOf("{\"url\":\"%s/\"}".formatted(url)).isRetryable()).isTrue();
  }

  @Test
  void a_redirect_is_followed_on_the_same_host_alone_and_not_for_ever() throws Exception {
    assertThat(get("/here").path("body").asText()).isEqualTo("hello");

    int before = requests.get();
    assertThat(failureOf("{\"url\":\"%s/elsewhere\"}".formatted(url)))
        .hasMessageContaining("not followed");
    assertThat(requests.get() - before).isEqualTo(1);
    assertThat(failureOf("{\"url\":\"%s/here\",\"method\":\"POST\"}".formatted(url)))
        .hasMessageContaining("not followed");
    assertThat(failureOf("{\"url\":\"%s/round\"}".formatted(url)))
        .hasMessageContaining("redirects");
  }

  @Test
  void an_answer_above_the_limit_fails_the_step() {
    assertThat(failureOf("{\"url\":\"%s/large\"}".formatted(url)))
        .hasMessageContaining("more than 1000 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"text\"",
        "{}",
        "{\"url\":5}",
        "{\"url\":\"ftp://127.0.0.1/\"}",
        "{\"url\":\"/relative\"}",
        "{\"url\":\"http://user:secret@127.0.0.1/\"}",
        "{\"url\":\"http://127.0.0.1/\",\"method\":\"CONNECT\"}",
        "{\"url\":\"http://127.0.0.1/\",\"headers\":{\"Host\":\"example.org\"}}",
        "{\"url\":\"http://127.0.0.1/\",\"colour\":\"red\"}",
        "{\"url\":\"http://localhost/\"}",
        "{\"url\":\"http://example.org/\"}"
      })
  void what_no_attempt_can_mend_fails_for_good_and_sends_nothing(String input) {
    assertThat(failureOf(input).isRetryable()).isFalse();
    assertThat(requests).hasValue(0);
  }

  @Test
  void an_interrupt_ends_a_request() throws Exception {
    Thread test = Thread.currentThread();
    Thread.startVirtualThread(
        () -> {
          while (requests.get() == 0) {
            Thread.onSpinWait();
          }
          test.interrupt();
        });
    assertThatThrownBy(() -> get("/slow")).isInstanceOf(InterruptedException.class);
  }
}

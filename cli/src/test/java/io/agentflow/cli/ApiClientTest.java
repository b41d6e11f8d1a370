package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import io.agentflow.client.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Who the command line's client speaks as, and what it says where nobody answers. */
class ApiClientTest {

  private final AtomicInteger requests = new AtomicInteger();
  private final Queue<String> keys = new ConcurrentLinkedQueue<>();
  private volatile int distrusted;
  private HttpServer server;
  private URI uri;

  @BeforeEach
  void start() throws IOException {
    SentToken.leaveKey();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          keys.addAll(exchange.getRequestHeaders().getOrDefault("Idempotency-Key", List.of()));
          boolean fails = requests.incrementAndGet() <= distrusted;
          byte[] body =
              (fails
                      ? "{\"type\":\"/problems/unauthenticated\",\"detail\":\"not trusted\"}"
                      : SentToken.claims(exchange.getRequestHeaders()).toString())
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(fails ? 401 : 200, body.length);
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
  void it_speaks_for_its_tenant_and_in_the_name_that_it_was_given() {
    ApiClient client = new ApiClient(uri, "acme", 3);
    assertThat(client.get("/v1/x").path("tenant").asText()).isEqualTo("acme");
    assertThat(client.actingAs("ann", List.of("viewer")).get("/v1/x").path("sub").asText())
        .isEqualTo("ann");
    assertThat(client.actingAsAgent("a1").get("/v1/x").path("agent_id").asText()).isEqualTo("a1");
  }

  @Test
  void a_command_has_a_key_of_its_own_unless_it_is_safe_to_repeat() {
    ApiClient client = new ApiClient(uri, "acme", 1);
    client.post("/v1/x", JsonNodeFactory.instance.objectNode());
    client.post("/v1/x", JsonNodeFactory.instance.objectNode());
    assertThat(keys).hasSize(2).doesNotHaveDuplicates();
    client.postRepeatable("/v1/x", JsonNodeFactory.instance.objectNode());
    assertThat(requests).hasValue(3);
    assertThat(keys).hasSize(2);
  }

  @Test
  void a_server_that_has_another_key_by_now_gets_a_new_token() throws IOException {
    ApiClient client = new ApiClient(uri, "acme", 1);
    client.get("/v1/x");
    Files.writeString(new Tokens(System.getenv()).file(), DevelopmentKey.generate().json());
    distrusted = 2;
    assertThat(client.get("/v1/x").path("tenant").asText()).isEqualTo("acme");
    assertThat(requests).hasValue(3);
  }

  @Test
  void a_server_that_trusts_no_token_is_asked_twice_and_no_more() {
    distrusted = 10;
    ApiClient client = new ApiClient(uri, "acme", 3);
    assertThatThrownBy(() -> client.post("/v1/x", JsonNodeFactory.instance.objectNode()))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(401))
        .hasMessage("not trusted");
    assertThat(requests).hasValue(2);
  }

  @Test
  void where_no_server_answers_af_says_how_to_start_one() throws IOException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    StringWriter err = new StringWriter();
    CommandLine af = AgentFlowCommand.commandLine().setErr(new PrintWriter(err, true));
    assertThat(af.execute("agents", "list", "--server", "http://127.0.0.1:" + nobody))
        .isEqualTo(ExitCode.SERVER_UNREACHABLE);
    assertThat(err.toString()).contains("http://127.0.0.1:" + nobody).contains("af up");
  }
}

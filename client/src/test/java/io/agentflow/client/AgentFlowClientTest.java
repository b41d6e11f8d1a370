package io.agentflow.client;

import static io.agentflow.client.ScriptedServer.answers;
import static io.agentflow.client.ScriptedServer.breaksOff;
import static io.agentflow.client.ScriptedServer.refuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.client.ScriptedServer.Asked;
import io.agentflow.client.ScriptedServer.Line;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgentFlowClientTest {

  private static final String SECRET = "eyJ.secret.token";
  private static final Retries QUICK =
      new Retries(5, Duration.ofSeconds(20), Duration.ofMillis(5), Duration.ofMillis(20), false);
  private static final Line CREATED =
      answers(
          201, "{\"id\":\"w1\",\"version\":0,\"position\":7,\"hash\":\"ab\"}", "AF-Position", "7");

  private final List<ScriptedServer> servers = new ArrayList<>();

  private ScriptedServer serverThat(Line... lines) {
    ScriptedServer server = new ScriptedServer(lines);
    servers.add(server);
    return server;
  }

  @AfterEach
  void stop() {
    servers.forEach(ScriptedServer::close);
  }

  private static AgentFlowClient client(ScriptedServer server) {
    return AgentFlowClient.of(server.uri()).token(SECRET).retries(QUICK).build();
  }

  private static ObjectNode body() {
    return JsonNodeFactory.instance.objectNode().put("name", "run");
  }

  private static Command create() {
    return Command.to("/v1/workflows", body());
  }

  @Test
  void what_fails_for_the_moment_is_sent_again_under_the_same_key_with_the_same_body() {
    ScriptedServer server =
        serverThat(
            breaksOff(),
            refuses(503, "unavailable"),
            refuses(502, "x"),
            refuses(409, "key-in-use", "Retry-After", "0"),
            CREATED);

    Accepted accepted = client(server).send(create());

    assertThat(accepted).isEqualTo(new Accepted("w1", 0, 7, "ab", false));
    assertThat(server.asked()).hasSize(5);
    assertThat(server.asked().stream().map(asked -> asked.header("Idempotency-Key")).distinct())
        .hasSize(1)
        .doesNotContainNull();
    assertThat(server.asked()).extracting(Asked::body).containsOnly(body().toString());
    assertThat(server.asked())
        .allSatisfy(
            asked -> assertThat(asked.header("Authorization")).isEqualTo("Bearer " + SECRET));
  }

  @Test
  void each_command_has_a_key_of_its_own_and_keeps_it() {
    ScriptedServer server = serverThat(CREATED);
    AgentFlowClient client = client(server);
    Command first = create();
    client.send(first);
    client.send(create());
    client.send(first);
    client.send(create().under("mine"));
    client.post(create().repeatable());

    List<String> keys =
        server.asked().stream()
            .map(asked -> String.valueOf(asked.header("Idempotency-Key")))
            .toList();
    assertThat(keys.get(2)).isEqualTo(keys.get(0));
    assertThat(keys.get(3)).isEqualTo("mine");
    assertThat(keys.get(4)).isEqualTo("null");
    assertThat(new HashSet<>(keys)).hasSize(4);
  }

  @Test
  void a_body_that_is_changed_later_is_sent_as_it_was() {
    ScriptedServer server = serverThat(breaksOff(), CREATED);
    ObjectNode body = body();
    Command command = Command.to("/v1/workflows", body);
    body.put("name", "other");
    client(server).send(command);
    assertThat(server.asked()).extracting(Asked::body).containsOnly(body().toString());
  }

  @Test
  void an_answer_that_was_replayed_says_so() {
    ScriptedServer server =
        serverThat(
            answers(
                200,
                "{\"id\":\"w1\",\"version\":3,\"position\":9,\"hash\":\"cd\"}",
                "Idempotency-Replayed",
                "true"));
    assertThat(client(server).send(create())).isEqualTo(new Accepted("w1", 3, 9, "cd", true));
  }

  @Test
  void who_asks_too_often_comes_back_when_the_server_says() {
    ScriptedServer server = serverThat(refuses(429, "rate-limited", "Retry-After", "1"), CREATED);
    client(server).send(create());
    assertThat(server.asked()).hasSize(2);
    assertThat(server.asked().get(1).atNanos() - server.asked().get(0).atNanos())
        .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(990));
  }

  @Test
  void a_pause_that_would_outlast_all_time_is_not_begun() {
    ScriptedServer server = serverThat(refuses(429, "rate-limited", "Retry-After", "3600"));
    long begun = System.nanoTime();
    assertThatThrownBy(() -> client(server).send(create()))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.is("rate-limited")).isTrue());
    assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(10));
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void a_retry_after_that_is_a_date_is_passed_over() {
    ScriptedServer server =
        serverThat(
            refuses(503, "unavailable", "Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"), CREATED);
    assertThat(client(server).send(create()).id()).isEqualTo("w1");
  }

  @Test
  void a_refusal_is_told_at_once_with_all_that_the_server_said() {
    ScriptedServer server =
        serverThat(
            answers(
                409,
                """
                {"type":"/problems/limit-exceeded","title":"The budget does not have that much",\
                "status":409,"detail":"asked for 5, left are 2","remainingTokens":2}"""));
    assertThatThrownBy(() -> client(server).send(create()))
        .hasMessage("asked for 5, left are 2")
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.status()).isEqualTo(409);
              assertThat(refusal.type()).isEqualTo("/problems/limit-exceeded");
              assertThat(refusal.is("limit-exceeded")).isTrue();
              assertThat(refusal.title()).isEqualTo("The budget does not have that much");
              assertThat(refusal.problem().path("remainingTokens").asInt()).isEqualTo(2);
            });
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void a_fault_of_the_server_is_outlasted_only_where_that_is_wanted() {
    ScriptedServer failing = serverThat(refuses(500, "internal"), CREATED);
    assertThatThrownBy(() -> client(failing).send(create())).isInstanceOf(Refusal.class);
    assertThat(failing.asked()).hasSize(1);

    ScriptedServer better = serverThat(refuses(500, "internal"), CREATED);
    client(better).toBuilder().retries(QUICK.untilAnswered()).build().send(create());
    assertThat(better.asked()).hasSize(2);
  }

  @Test
  void what_goes_on_failing_is_told_after_the_last_attempt() {
    ScriptedServer unavailable = serverThat(refuses(503, "unavailable"));
    AtomicInteger pauses = new AtomicInteger();
    AgentFlowClient client =
        client(unavailable).toBuilder().onRetry(pauses::incrementAndGet).build();
    assertThatThrownBy(() -> client.send(create())).isInstanceOf(Refusal.class);
    assertThat(unavailable.asked()).hasSize(QUICK.attemptsMax());
    assertThat(pauses).hasValue(QUICK.attemptsMax() - 1);

    ScriptedServer broken = serverThat(breaksOff());
    assertThatThrownBy(() -> client(broken).send(create())).isInstanceOf(ServerUnreachable.class);
    assertThat(broken.asked()).hasSize(QUICK.attemptsMax());
  }

  @Test
  void all_attempts_together_end_in_their_time() {
    ScriptedServer server = serverThat(refuses(503, "unavailable"));
    AgentFlowClient client =
        client(server).toBuilder()
            .retries(QUICK.attempts(1_000_000).within(Duration.ofMillis(300)))
            .build();
    long begun = System.nanoTime();
    assertThatThrownBy(() -> client.send(create()))
        .as("the time may be over while the last attempt is under way")
        .isInstanceOfAny(Refusal.class, ServerUnreachable.class);
    assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(5));
    assertThat(server.asked()).hasSizeGreaterThan(2);
  }

  @Test
  void an_answer_that_stops_in_its_midst_is_not_waited_for() {
    ScriptedServer[] server = new ScriptedServer[1];
    Line first = exchange -> server[0].fallsSilentAfter("{\"id\":").answer(exchange);
    server[0] = serverThat(first, CREATED);
    AgentFlowClient client =
        client(server[0]).toBuilder().answerWithin(Duration.ofMillis(500)).build();
    assertThat(client.send(create()).id()).isEqualTo("w1");
    assertThat(server[0].asked()).hasSize(2);
  }

  @Test
  void an_interrupt_ends_the_waiting() throws Exception {
    ScriptedServer server = serverThat(refuses(503, "unavailable", "Retry-After", "10"));
    AgentFlowClient patient = client(server).toBuilder().retries(QUICK.untilAnswered()).build();
    FutureTask<Boolean> sending =
        new FutureTask<>(
            () -> {
              assertThatThrownBy(() -> patient.send(create()))
                  .isInstanceOf(ServerUnreachable.class);
              return Thread.currentThread().isInterrupted();
            });
    Thread thread = Thread.ofVirtual().start(sending);
    while (server.asked().isEmpty()) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThat(sending.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void reads_name_the_highest_position_that_was_written() {
    ScriptedServer server =
        serverThat(
            answers(200, "{}"),
            answers(200, "{\"id\":\"a\",\"position\":9}", "AF-Position", "9"),
            answers(200, "{\"id\":\"a\",\"position\":4}", "AF-Position", "4"),
            answers(200, "{}"),
            refuses(503, "unavailable", "Retry-After", "0"),
            answers(200, "{}"));
    AgentFlowClient client = client(server);
    client.get("/v1/before");
    client.send(create());
    client.send(create());
    client.get("/v1/after");
    client.toBuilder().build().get("/v1/behind");
    client.toBuilder().readsOwnWrites(false).build().get("/v1/careless");

    assertThat(client.position()).isEqualTo(9);
    assertThat(server.asked())
        .extracting(asked -> asked.request() + " " + asked.header("AF-Consistent-With"))
        .containsExactly(
            "GET /v1/before null",
            "POST /v1/workflows null",
            "POST /v1/workflows null",
            "GET /v1/after 9",
            "GET /v1/behind 9",
            "GET /v1/behind 9",
            "GET /v1/careless null");
  }

  @Test
  void an_expected_version_is_sent_as_a_tag() {
    ScriptedServer server = serverThat(refuses(412, "stale-version"));
    assertThatThrownBy(() -> client(server).send(create().ifMatch(3)))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.is("stale-version")).isTrue());
    assertThat(server.asked()).hasSize(1);
    assertThat(server.asked().getFirst().header("If-Match")).isEqualTo("\"3\"");
  }

  @Test
  void what_has_no_key_expects_no_version() {
    Command keyless = create().repeatable();
    assertThatThrownBy(() -> keyless.ifMatch(3)).isInstanceOf(IllegalStateException.class);
    Command expecting = create().ifMatch(3);
    assertThatThrownBy(expecting::repeatable).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_list_is_read_page_by_page_as_far_as_it_is_wanted() {
    ScriptedServer server =
        serverThat(
            answers(200, "{\"items\":[1,2],\"nextCursor\":\"a=&b\"}"),
            answers(200, "{\"items\":[],\"nextCursor\":\"c\"}"),
            answers(200, "{\"items\":[3],\"nextCursor\":null}"));
    List<Integer> items = new ArrayList<>();
    for (JsonNode item : client(server).items("/v1/workflows?limit=2")) {
      items.add(item.asInt());
      if (items.size() == 2) {
        assertThat(server.asked()).hasSize(1);
      }
    }
    assertThat(items).containsExactly(1, 2, 3);
    assertThat(server.asked())
        .extracting(Asked::request)
        .containsExactly(
            "GET /v1/workflows?limit=2",
            "GET /v1/workflows?limit=2&cursor=a%3D%26b",
            "GET /v1/workflows?limit=2&cursor=c");
  }

  @Test
  void a_token_that_is_not_trusted_any_more_is_renewed_once() {
    AtomicInteger renewals = new AtomicInteger();
    TokenSource source =
        new TokenSource() {
          @Override
          public Optional<String> token() {
            return Optional.of("t" + renewals.get());
          }

          @Override
          public void distrusted() {
            renewals.incrementAndGet();
          }
        };
    ScriptedServer server = serverThat(refuses(401, "unauthenticated"), CREATED);
    client(server).toBuilder().tokens(source).build().send(create());
    assertThat(server.asked())
        .extracting(asked -> asked.header("Authorization"))
        .containsExactly("Bearer t0", "Bearer t1");

    ScriptedServer never = serverThat(refuses(401, "unauthenticated"));
    assertThatThrownBy(() -> client(never).toBuilder().tokens(source).build().send(create()))
        .isInstanceOf(Refusal.class);
    assertThat(never.asked()).hasSize(2);

    ScriptedServer other = serverThat(refuses(401, "unauthenticated"));
    assertThatThrownBy(() -> client(other).send(create())).isInstanceOf(Refusal.class);
    assertThat(other.asked()).as("there is no other token").hasSize(1);
  }

  private static String allOf(Throwable e) {
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  @Test
  void neither_tokens_nor_keys_are_in_what_is_printed() {
    String key = "my-key-1";
    ScriptedServer server = serverThat(breaksOff());
    AgentFlowClient client = client(server);
    Command command = create().under(key);
    assertThat(command.toString() + client).doesNotContain(key, SECRET, "run");
    assertThatThrownBy(() -> client.send(command))
        .satisfies(e -> assertThat(allOf(e)).doesNotContain(key, SECRET));
    AgentFlowClient garbled = client.toBuilder().token(SECRET + "\n").build();
    assertThatThrownBy(() -> garbled.send(command))
        .satisfies(e -> assertThat(allOf(e)).doesNotContain(key, SECRET));
    assertThatThrownBy(() -> command.under("my key"))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(allOf(e)).doesNotContain("my key"));
    assertThatThrownBy(() -> AgentFlowClient.of(URI.create("https://ann:pass@host")))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(allOf(e)).doesNotContain("pass"));
  }

  @Test
  void a_token_goes_to_its_server_alone() {
    ScriptedServer elsewhere = serverThat(CREATED);
    ScriptedServer server = serverThat(answers(307, "", "Location", elsewhere.uri() + "/v1/x"));
    AgentFlowClient client = client(server);
    assertThatThrownBy(() -> client.get("/v1/x")).isInstanceOf(Refusal.class);
    assertThatThrownBy(() -> client.get(elsewhere.uri() + "/v1/x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.get("@127.0.0.1:" + elsewhere.uri().getPort() + "/"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(elsewhere.asked()).isEmpty();
  }

  @Test
  void a_server_may_stand_behind_a_path() {
    ScriptedServer server = serverThat(answers(200, "{}"));
    AgentFlowClient.of(server.uri().resolve("/flow/")).build().get("/v1/status");
    assertThat(server.asked().getFirst().request()).isEqualTo("GET /flow/v1/status");
  }

  @Test
  void a_page_of_somebody_in_between_is_no_answer() {
    ScriptedServer server = serverThat(answers(200, "<html>"));
    assertThatThrownBy(() -> client(server).get("/v1/x")).isInstanceOf(ServerUnreachable.class);
    ScriptedServer gateway = serverThat(answers(404, "<html>no</html>"));
    assertThatThrownBy(() -> client(gateway).get("/v1/x"))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(404))
        .hasMessageContaining("<html>no</html>");
  }

  @Test
  void an_answer_without_an_entry_is_asked_for_by_post() {
    ScriptedServer server = serverThat(answers(200, "{\"leases\":[]}"), answers(204, ""));
    assertThat(client(server).post("/v1/agents/a/leases", body()).path("leases").isArray())
        .isTrue();
    assertThat(client(server).post("/v1/agents/a/leases/end-waits", body()).isMissingNode())
        .isTrue();
    assertThatThrownBy(() -> client(serverThat(answers(200, "{\"leases\":[]}"))).send(create()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("post");
  }
}

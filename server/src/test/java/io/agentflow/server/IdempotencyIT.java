package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests under a key, in storms, on two nodes, and over the death of a server. */
class IdempotencyIT {

  private static final String KEY = "Idempotency-Key";
  private static final String REPLAYED = "Idempotency-Replayed";
  private static final String WORKFLOWS = "/v1/workflows";
  private static final String ANY = "{\"name\":\"run\",\"intent\":\"do it\"}";
  private static final int STORM = 50;
  private static final int KEYS_OVER_DEATH = 300;
  private static final int DEATHS = 3;
  private static final int UNDER_WAY = 20;
  private static final long GIVE_UP_AFTER_SECONDS = 180;

  private static ServerProcess server;
  private static ServerProcess other;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
    other =
        ServerProcess.start(
            Map.of(
                "AF_DATABASE_URL",
                "postgresql://postgres:%s@localhost:%s/agentflow"
                    .formatted(server.databasePassword(), server.databasePort())));
  }

  @AfterAll
  static void stop() {
    other.close();
    server.close();
  }

  private static String newKey() {
    return UUID.randomUUID().toString();
  }

  private static HttpResponse<String> create(ServerProcess node, String key, String... headers) {
    List<String> all = new ArrayList<>(List.of(KEY, key));
    all.addAll(List.of(headers));
    return node.post(WORKFLOWS, ANY, all.toArray(String[]::new));
  }

  private static String id(HttpResponse<String> answer) {
    return CanonicalJson.parse(answer.body()).path("id").asText();
  }

  private static String problem(HttpResponse<String> answer) {
    return CanonicalJson.parse(answer.body()).path("type").asText();
  }

  private static boolean isReplay(HttpResponse<String> answer) {
    return answer.headers().firstValue(REPLAYED).filter("true"::equals).isPresent();
  }

  private static void assertSame(HttpResponse<String> repeat, HttpResponse<String> first) {
    assertThat(repeat.statusCode()).isEqualTo(first.statusCode());
    assertThat(repeat.body()).isEqualTo(first.body());
    for (String header : List.of("ETag", "AF-Position", "Content-Type")) {
      assertThat(repeat.headers().allValues(header)).isEqualTo(first.headers().allValues(header));
    }
  }

  /** How many workflows the log has from requests under each key. */
  private static Map<String, Integer> createdByKey(ServerProcess node) throws SQLException {
    Map<String, Integer> created = new HashMap<>();
    try (Connection connection = node.connectAsOwner(node.databasePassword());
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select metadata::jsonb->>'idempotencyKey', count(*) from log.events
                where event_type = 'workflow.created' group by 1
                """);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        created.put(String.valueOf(row.getString(1)), row.getInt(2));
      }
    }
    return created;
  }

  @Test
  void a_repeat_is_answered_byte_by_byte_as_the_first_time_and_appends_nothing() {
    String key = newKey();
    HttpResponse<String> first = create(server, key);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
    assertThat(isReplay(first)).isFalse();
    // It has gone on meanwhile; the answer is still the one of then.
    server.post(WORKFLOWS + "/" + id(first) + "/start", "{}");
    long position = server.position();

    for (ServerProcess node : List.of(server, other, server)) {
      HttpResponse<String> repeat = create(node, key);
      assertThat(isReplay(repeat)).isTrue();
      assertSame(repeat, first);
    }
    assertThat(server.position()).isEqualTo(position);
  }

  @Test
  void a_slice_that_comes_to_be_within_another_budget_is_answered_again_by_its_own_entry() {
    String whole =
        id(
            server.post(
                "/v1/budgets",
                "{\"name\":\"whole\",\"limitTokens\":100,\"limitMicroDollars\":100}"));
    String key = newKey();
    String allocations = "/v1/budgets/" + whole + "/allocations";
    String slice = "{\"name\":\"slice\",\"tokens\":40,\"microDollars\":40}";
    HttpResponse<String> first = server.post(allocations, slice, KEY, key);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);

    HttpResponse<String> repeat = server.post(allocations, slice, KEY, key);
    assertThat(isReplay(repeat)).isTrue();
    assertSame(repeat, first);
  }

  @Test
  void a_key_is_for_one_body_and_for_one_tenant_principal_and_route() {
    String key = newKey();
    String first = id(create(server, key));

    HttpResponse<String> otherBody =
        server.post(WORKFLOWS, "{\"name\":\"run\",\"intent\":\"undo it\"}", KEY, key);
    assertThat(otherBody.statusCode()).isEqualTo(422);
    assertThat(problem(otherBody)).isEqualTo("/problems/key-reused");

    Set<String> ids = new HashSet<>(Set.of(first));
    ids.add(id(create(server, key, server.by("bob"))));
    ids.add(id(create(server, key, server.in("elsewhere"))));
    assertThat(ids).hasSize(3);
    HttpResponse<String> otherRoute =
        server.post(WORKFLOWS + "/" + first + "/start", "{}", KEY, key);
    assertThat(otherRoute.statusCode()).as(otherRoute.body()).isEqualTo(200);
    assertThat(isReplay(otherRoute)).isFalse();
  }

  @Test
  void what_the_domain_refuses_is_remembered_and_what_could_not_be_read_is_not() {
    String workflow = id(server.post(WORKFLOWS, ANY));
    String messages = WORKFLOWS + "/" + workflow + "/messages";
    String said =
        """
        {"messageId":"m1","role":"user","from":"u","to":"a","content":"hello","tokens":1,\
        "microDollars":1}""";
    String key = newKey();

    HttpResponse<String> malformed = server.post(messages, "{\"messageId\":", KEY, key);
    assertThat(malformed.statusCode()).isEqualTo(400);
    HttpResponse<String> refused = server.post(messages, said, KEY, key);
    assertThat(refused.statusCode()).as("not started").isEqualTo(409);
    server.post(WORKFLOWS + "/" + workflow + "/start", "{}");
    HttpResponse<String> repeat = server.post(messages, said, KEY, key);
    assertThat(isReplay(repeat)).isTrue();
    assertSame(repeat, refused);

    HttpResponse<String> again = server.post(messages, said, KEY, newKey());
    assertThat(again.statusCode()).isEqualTo(200);
  }

  @Test
  void what_was_already_so_is_answered_again_in_the_same_way() {
    String workflow = id(server.post(WORKFLOWS, ANY));
    String start = WORKFLOWS + "/" + workflow + "/start";
    server.post(start, "{}");
    String key = newKey();
    HttpResponse<String> first = server.post(start, "{}", KEY, key);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(isReplay(first)).isFalse();

    HttpResponse<String> repeat = other.post(start, "{}", KEY, key);
    assertThat(isReplay(repeat)).isTrue();
    assertSame(repeat, first);
  }

  @Test
  void a_key_that_is_no_key_is_refused() {
    for (String key : List.of("with space", "x".repeat(256))) {
      HttpResponse<String> refused = create(server, key);
      assertThat(refused.statusCode()).as(key).isEqualTo(422);
      assertThat(problem(refused)).isEqualTo("/problems/invalid-field");
    }
  }

  @Test
  void after_a_receipt_has_expired_the_key_may_be_used_again() throws SQLException {
    String key = newKey();
    String first = id(create(server, key));
    server.asDatabaseOwner(
        "update log.receipts set expires_at = now() - interval '1 second' where key = '"
            + key
            + "'");

    HttpResponse<String> again = create(server, key);
    assertThat(isReplay(again)).isFalse();
    assertThat(id(again)).isNotEqualTo(first);
    assertSame(create(server, key), again);
  }

  @Test
  void of_fifty_at_once_on_two_nodes_one_is_carried_out() throws Exception {
    for (int storm = 0; storm < 10; storm++) {
      String key = newKey();
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < STORM; i++) {
          ServerProcess node = i % 2 == 0 ? server : other;
          answers.add(threads.submit(() -> create(node, key)));
        }
      }
      HttpResponse<String> first = null;
      List<HttpResponse<String>> replays = new ArrayList<>();
      for (Future<HttpResponse<String>> answer : answers) {
        HttpResponse<String> one = answer.get();
        if (one.statusCode() == 409) {
          assertThat(problem(one)).isEqualTo("/problems/key-in-use");
          assertThat(one.headers().firstValue("Retry-After")).isPresent();
        } else if (isReplay(one)) {
          replays.add(one);
        } else {
          assertThat(first).as("carried out once").isNull();
          first = one;
        }
      }
      assertThat(first).isNotNull();
      for (HttpResponse<String> replay : replays) {
        assertSame(replay, Objects.requireNonNull(first));
      }
      assertThat(createdByKey(server)).containsEntry(key, 1);
    }
  }

  /** Some die between the commit and the answer: the repeat has to find what was done. */
  @Test
  void over_the_death_of_the_server_each_key_is_carried_out_once() throws Exception {
    List<String> keys = new ArrayList<>();
    List<Future<HttpResponse<String>>> answers = new ArrayList<>();
    AtomicInteger answered = new AtomicInteger();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try (ServerProcess mortal = ServerProcess.start()) {
      for (int i = 0; i < KEYS_OVER_DEATH; i++) {
        String key = newKey();
        keys.add(key);
        int turn = i;
        answers.add(
            threads.submit(
                () -> {
                  // Not all at once: some are always under way when the server dies.
                  while (answered.get() < turn - UNDER_WAY) {
                    Thread.sleep(1);
                  }
                  HttpResponse<String> answer = untilAnswered(mortal, key);
                  answered.incrementAndGet();
                  return answer;
                }));
      }
      for (int death = 1; death <= DEATHS; death++) {
        while (answered.get() < death * KEYS_OVER_DEATH / (DEATHS + 1)) {
          Thread.sleep(1);
        }
        // Whoever is connected to the database must not keep it from starting again.
        try (Connection watching = mortal.connectAsOwner(mortal.databasePassword())) {
          assertThat(watching.isValid(1)).isTrue();
          mortal.kill();
          mortal.startAgain();
        }
      }
      for (Future<HttpResponse<String>> answer : answers) {
        answer.get(GIVE_UP_AFTER_SECONDS, TimeUnit.SECONDS);
      }
      Map<String, Integer> created = createdByKey(mortal);
      for (int i = 0; i < keys.size(); i++) {
        HttpResponse<String> answer = answers.get(i).get();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        assertThat(created).containsEntry(keys.get(i), 1);
        assertSame(create(mortal, keys.get(i)), answer);
      }
      assertThat(mortal.run("audit", "verify").exitCode()).isZero();
    } finally {
      threads.shutdownNow();
    }
  }

  private static HttpResponse<String> untilAnswered(ServerProcess mortal, String key) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GIVE_UP_AFTER_SECONDS);
    while (true) {
      try {
        HttpResponse<String> answer = create(mortal, key);
        if (answer.statusCode() < 500 && answer.statusCode() != 409) {
          return answer;
        }
      } catch (UncheckedIOException e) {
        // It is being killed, or not there yet.
      }
      assertThat(System.nanoTime()).as("answered in the end").isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  void a_command_on_a_version_that_is_not_the_last_is_refused() {
    HttpResponse<String> created = server.post(WORKFLOWS, ANY);
    String workflow = WORKFLOWS + "/" + id(created);
    String version = created.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> started = other.post(workflow + "/start", "{}", "If-Match", version);
    assertThat(started.statusCode()).as(started.body()).isEqualTo(200);

    String failed = "{\"reason\":\"no\"}";
    long position = server.position();
    HttpResponse<String> stale = server.post(workflow + "/fail", failed, "If-Match", version);
    assertThat(stale.statusCode()).as(stale.body()).isEqualTo(412);
    assertThat(problem(stale)).isEqualTo("/problems/stale-version");
    HttpResponse<String> malformed = server.post(workflow + "/fail", failed, "If-Match", "1");
    assertThat(malformed.statusCode()).isEqualTo(422);
    JsonNode absent = CanonicalJson.parse(server.post(WORKFLOWS, ANY, "If-Match", "\"0\"").body());
    assertThat(absent.path("type").asText()).isEqualTo("/problems/stale-version");
    assertThat(server.position()).isEqualTo(position);

    String last = started.headers().firstValue("ETag").orElseThrow();
    assertThat(server.post(workflow + "/fail", failed, "If-Match", last).statusCode())
        .isEqualTo(200);
  }
}

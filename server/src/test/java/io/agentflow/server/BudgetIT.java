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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Budgets over HTTP, with many callers at once, and a server that dies among them. */
class BudgetIT {

  private static final int CALLERS = 200;
  private static final int CALLERS_AT_FIRST = 60;
  private static final int LIMIT_TOKENS = 100;
  private static final long GIVE_UP_AFTER_SECONDS = 180;

  private static ServerProcess server;

  @BeforeAll
  static void start() {
    server = ServerProcess.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    return response;
  }

  private static String opened(String fields) {
    return id(ok(server.post("/v1/budgets", "{\"name\":\"b\"," + fields + "}")));
  }

  private static String id(HttpResponse<String> response) {
    return CanonicalJson.parse(response.body()).path("id").asText();
  }

  private static HttpResponse<String> post(String budgetId, String verb, String body) {
    return server.post("/v1/budgets/" + budgetId + verb, body);
  }

  private static String amount(String prefix, long tokens, long microDollars) {
    return "{%s\"tokens\":%d,\"microDollars\":%d}".formatted(prefix, tokens, microDollars);
  }

  private static JsonNode row(String budgetId) {
    return CanonicalJson.parse(
        ok(server.get(
                "/v1/budgets/" + budgetId, "AF-Consistent-With", Long.toString(server.position())))
            .body());
  }

  /** Types and payloads of a budget's entries, in the order of the log. */
  private record Entry(String type, JsonNode payload) {}

  private static List<Entry> log(String budgetId) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    try (Connection connection = server.connectAsOwner(server.databasePassword());
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select event_type, payload from log.events
                where aggregate_id = ? order by sequence_number
                """)) {
      statement.setString(1, budgetId);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.add(new Entry(rows.getString(1), CanonicalJson.parse(rows.getString(2))));
        }
      }
    }
    return entries;
  }

  /** Each caller asks until it is answered, under the same id, as clients should. */
  @Test
  void of_two_hundred_callers_a_hundred_reserve_though_the_server_is_killed() throws Exception {
    String budgetId = opened("\"limitTokens\":100,\"limitMicroDollars\":0");
    AtomicInteger answered = new AtomicInteger();
    CountDownLatch death = new CountDownLatch(1);
    List<Future<Integer>> statuses = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < CALLERS; caller++) {
        boolean atFirst = caller < CALLERS_AT_FIRST;
        String body = amount("\"reservationId\":\"r%d\",".formatted(caller), 1, 0);
        statuses.add(
            callers.submit(
                () -> {
                  if (!atFirst) {
                    death.await();
                  }
                  int status = statusOnceAnswered(budgetId, body);
                  answered.incrementAndGet();
                  return status;
                }));
      }
      while (answered.get() < CALLERS_AT_FIRST / 2) {
        LockSupport.parkNanos(1_000_000);
      }
      death.countDown();
      server.kill();
      int answeredBeforeDeath = answered.get();
      server.startAgain();
      assertThat(answeredBeforeDeath).as("it died among them").isLessThan(CALLERS);
    }

    int reserved = 0;
    for (Future<Integer> status : statuses) {
      assertThat(status.get()).isIn(200, 409);
      reserved += status.get() == 200 ? 1 : 0;
    }
    assertThat(reserved).isEqualTo(LIMIT_TOKENS);
    assertLimitHeldAtEveryPrefix(budgetId);
    assertThat(row(budgetId).path("reservedTokens").asInt()).isEqualTo(LIMIT_TOKENS);
    assertThat(row(budgetId).path("status").asText()).isEqualTo("exhausted");
    assertThat(server.run("audit", "verify").exitCode()).isZero();
  }

  private static int statusOnceAnswered(String budgetId, String body) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GIVE_UP_AFTER_SECONDS);
    while (true) {
      try {
        int status = post(budgetId, "/reservations", body).statusCode();
        if (status < 500) {
          return status;
        }
      } catch (UncheckedIOException e) {
        // Dead, or not yet there again.
      }
      if (System.nanoTime() > deadlineNanos) {
        throw new AssertionError("no answer in time");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static void assertLimitHeldAtEveryPrefix(String budgetId) throws SQLException {
    Set<String> ids = new HashSet<>();
    long reserved = 0;
    for (Entry entry : log(budgetId)) {
      if (entry.type().equals("budget.reserved")) {
        assertThat(ids.add(entry.payload().path("reservationId").asText()))
            .as("reserved twice: %s", entry)
            .isTrue();
        reserved += entry.payload().path("tokens").asLong();
        assertThat(entry.payload().path("remainingTokens").asLong())
            .isEqualTo(LIMIT_TOKENS - reserved)
            .isNotNegative();
      }
    }
    assertThat(reserved).isEqualTo(LIMIT_TOKENS);
  }

  @Test
  void a_slice_grows_shrinks_and_comes_back_with_its_parent_in_one_unit_of_work() throws Exception {
    String whole = opened("\"limitTokens\":100,\"limitMicroDollars\":100");
    String slice = id(ok(post(whole, "/allocations", amount("\"name\":\"s\",", 40, 50))));

    HttpResponse<String> tooMuch =
        post(slice, "/limit", "{\"limitTokens\":101,\"limitMicroDollars\":50}");
    assertThat(tooMuch.statusCode()).as("of the parent's").isEqualTo(409);
    assertThat(CanonicalJson.parse(tooMuch.body()).path("remainingTokens").asLong()).isEqualTo(60);
    assertThat(log(slice)).as("nothing happened").hasSize(1);

    ok(post(slice, "/limit", "{\"limitTokens\":90,\"limitMicroDollars\":10}"));
    assertThat(row(whole).path("allocatedTokens").asLong()).isEqualTo(90);
    assertThat(row(whole).path("remainingMicroDollars").asLong()).isEqualTo(90);
    ok(post(slice, "/reservations", amount("\"reservationId\":\"r\",", 20, 5)));
    assertThat(post(slice, "/close", "").statusCode()).as("it is held").isEqualTo(409);
    assertThat(post(whole, "/close", "").statusCode()).as("it has a slice").isEqualTo(409);
    ok(post(slice, "/reservations/r/settle", amount("", 15, 5)));

    long before = server.position();
    ok(post(slice, "/close", ""));
    assertThat(server.position()).as("one event of each").isEqualTo(before + 2);
    ok(post(slice, "/close", ""));
    assertThat(server.position()).as("already so").isEqualTo(before + 2);
    assertThat(row(slice).path("status").asText()).isEqualTo("closed");
    JsonNode parent = row(whole);
    assertThat(parent.path("allocatedTokens").asLong()).isZero();
    assertThat(parent.path("spentTokens").asLong()).isEqualTo(15);
    assertThat(parent.path("remainingTokens").asLong()).isEqualTo(85);
    assertThat(log(whole).stream().map(Entry::type))
        .containsExactly(
            "budget.opened", "budget.allocated", "budget.slice-changed", "budget.returned");
    ok(post(whole, "/close", ""));
  }

  @Test
  void who_waits_for_a_budget_goes_on_when_a_slice_of_it_gives_back_or_another_used_less()
      throws Exception {
    String whole = opened("\"limitTokens\":100,\"limitMicroDollars\":100");
    String agent =
        id(
            ok(
                server.post(
                    "/v1/agents", "{\"name\":\"bot\",\"role\":\"w\",\"tools\":[\"waiting\"]}")));
    String first = plannedOn(whole);
    String second = plannedOn(whole);
    String third = plannedOn(whole);
    begin(first);
    JsonNode lease = lease(agent);
    String slice = id(ok(post(whole, "/allocations", amount("\"name\":\"s\",", 40, 100))));
    begin(second);
    awaitStatus(second, "paused");
    begin(third);
    awaitStatus(third, "paused");

    ok(post(slice, "/close", ""));
    awaitStatus(second, "paused");
    assertThat(complete(lease, 30).statusCode()).isEqualTo(200);
    lease = lease(agent);
    assertThat(lease.path("workflowId").asText()).as("who has waited longest").isEqualTo(second);
    awaitStatus(third, "paused");

    complete(lease, 10);
    lease = lease(agent);
    assertThat(lease.path("workflowId").asText()).isEqualTo(third);
    complete(lease, 10);
    awaitStatus(third, "completed");
    assertThat(log(whole).stream().map(Entry::type).filter("budget.room-made"::equals)).hasSize(2);
  }

  /** Has one step, which is estimated to use 60 of the budget's tokens. */
  private static String plannedOn(String budgetId) {
    String workflowId =
        id(
            ok(
                server.post(
                    "/v1/workflows",
                    "{\"name\":\"run\",\"intent\":\"\",\"budgetId\":\"%s\"}".formatted(budgetId))));
    String path = "/v1/workflows/" + workflowId;
    ok(
        server.post(
            path + "/plan",
            """
            {"steps":[{"id":"a","kind":"tool","tool":"waiting","estimate":{"tokens":60}}]}
            """));
    return workflowId;
  }

  private static void begin(String workflowId) {
    ok(server.post("/v1/workflows/" + workflowId + "/start", ""));
  }

  private static JsonNode lease(String agent) {
    JsonNode leases =
        CanonicalJson.parse(
                ok(server.post("/v1/agents/" + agent + "/leases", "{\"waitMillis\":20000}")).body())
            .path("leases");
    assertThat(leases).hasSize(1);
    return leases.path(0);
  }

  private static HttpResponse<String> complete(JsonNode lease, long tokens) {
    return ok(
        server.post(
            "/v1/workflows/%s/steps/a/complete".formatted(lease.path("workflowId").asText()),
            "{\"leaseToken\":\"%s\",\"result\":\"done\",\"tokens\":%d}"
                .formatted(lease.path("leaseToken").asText(), tokens)));
  }

  private static void awaitStatus(String workflowId, String wanted) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(GIVE_UP_AFTER_SECONDS);
    String status = "";
    while (!status.equals(wanted)) {
      assertThat(System.nanoTime()).as("%s is %s", workflowId, status).isLessThan(deadlineNanos);
      LockSupport.parkNanos(20_000_000);
      status =
          CanonicalJson.parse(
                  ok(server.get(
                          "/v1/workflows/" + workflowId,
                          "AF-Consistent-With",
                          Long.toString(server.position())))
                      .body())
              .path("status")
              .asText();
    }
  }

  @Test
  void af_opens_limits_lists_and_closes_a_budget() {
    String tenant = "by-af";
    JsonNode opened =
        server
            .run(
                ("budgets open support --tokens 1000 --dollars 2.5 --soft-dollars 2"
                        + " --thresholds 50,90 --period monthly --zone Europe/Berlin --json --tenant "
                        + tenant)
                    .split(" "))
            .json();
    String budgetId = opened.path("id").asText();
    assertThat(opened.path("version").asInt()).as("opened on terms of its own").isEqualTo(1);
    assertThat(
            server
                .run(
                    "budgets",
                    "limit",
                    budgetId,
                    "--tokens",
                    "9",
                    "--dollars",
                    "4",
                    "--tenant",
                    tenant)
                .output())
        .contains(budgetId + " limited");
    ServerProcess.Ran half =
        server.run(
            "budgets",
            "limit",
            budgetId,
            "--tokens",
            "9",
            "--dollars",
            "0.0000001",
            "--tenant",
            tenant);
    assertThat(half.exitCode()).as(half.output()).isEqualTo(2);
    assertThat(server.run("budgets", "close", budgetId, "--tenant", tenant).exitCode()).isZero();
    server.get(
        "/v1/budgets",
        "Authorization",
        server.bearer(tenant, "tester"),
        "AF-Consistent-With",
        Long.toString(server.position()));

    JsonNode row =
        server.run("budgets", "list", "--tenant", tenant, "--json").json().path("items").path(0);
    assertThat(row.path("status").asText()).isEqualTo("closed");
    assertThat(row.path("limitMicroDollars").asLong()).isEqualTo(4_000_000);
    assertThat(row.path("softLimitMicroDollars").isNull()).as("not named again").isTrue();
    assertThat(row.path("period").asText()).isEqualTo("monthly");
    assertThat(row.path("periodEnd").asText()).matches(".*T2[23]:00:00Z");
    assertThat(server.run("budgets", "list", "--tenant", tenant).output())
        .contains("monthly", "closed", "$4.0000");
  }
}

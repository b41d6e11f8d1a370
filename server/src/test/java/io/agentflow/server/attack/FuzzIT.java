package io.agentflow.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.cli.Bearer;
import io.agentflow.server.ServerProcess;
import io.agentflow.server.attack.FuzzedRequest.Caller;
import io.agentflow.server.contract.Contract;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests by the thousand, drawn by a seed out of the contract, most of them not quite right. Each
 * is answered as the contract says, never by a failure of ours; what is refused leaves nothing in
 * the log; and afterwards the log is whole and everything goes on.
 */
class FuzzIT {

  private static final int REQUESTS = Integer.getInteger("fuzz.requests", 5_000);
  private static final int DRAWN_SEED_MAX = 1_000_000;
  private static final long SEED =
      Long.getLong("fuzz.seed", ThreadLocalRandom.current().nextLong(DRAWN_SEED_MAX));

  /** Each is a tenant with a stream of requests of its own, which the others do not change. */
  private static final int LANES = 4;

  private static final int FAILURES_TOLD = 8;
  private static final String NO_LIMIT = "1000000";

  private static final Set<String> KNOWN_TYPES =
      Arrays.stream(ProblemType.values()).map(ProblemType::uri).collect(Collectors.toSet());

  private static ServerProcess server;
  private static Contract contract;

  private final Map<String, String> refused = new ConcurrentHashMap<>();
  private final Set<String> carriedOut = ConcurrentHashMap.newKeySet();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
  private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();

  private record Failure(FuzzedRequest request, List<String> faults) {

    /** The same for what is probably the same. */
    String kind() {
      return faults.getFirst().replaceAll(" in \\{.*| instance .*|[0-9a-f]{8}-[-0-9a-f]*", "");
    }
  }

  /** What came back; {@code isCertain} where it was sent once. */
  private record Heard(
      int status, String contentType, String body, List<String> faults, boolean isCertain) {

    boolean isRefused() {
      return status >= 400 && isCertain;
    }

    Heard again() {
      return new Heard(status, contentType, body, faults, false);
    }
  }

  @BeforeAll
  static void start() {
    server =
        ServerProcess.start(
            Map.of(
                "PATH",
                ServerProcess.path(),
                "AF_PRINCIPAL_REQUESTS_PER_SECOND",
                NO_LIMIT,
                "AF_TENANT_REQUESTS_PER_SECOND",
                NO_LIMIT,
                "AF_EVENT_HEARTBEAT_SECONDS",
                "1"));
    contract = Contract.checkedIn();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void whatever_is_asked_is_answered_as_documented_and_what_is_refused_leaves_nothing()
      throws Exception {
    System.out.printf(
        "fuzz: seed %d, %d requests (-Dfuzz.seed, -Dfuzz.requests)%n", SEED, REQUESTS);
    long begun = System.nanoTime();
    try (ExecutorService lanes = Executors.newFixedThreadPool(LANES)) {
      List<Future<?>> running = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        int number = lane;
        running.add(lanes.submit(() -> run(number)));
      }
      for (Future<?> lane : running) {
        lane.get();
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "fuzz: %.0f s, %.0f requests/s, answers %s%n",
        seconds, REQUESTS / seconds, new TreeMap<>(answers));

    Map<String, Failure> kinds = new TreeMap<>();
    failures.forEach(failure -> kinds.putIfAbsent(failure.kind(), failure));
    assertThat(kinds.values().stream().limit(FAILURES_TOLD).map(FuzzIT::told).toList())
        .as("%d of %d requests were answered wrongly, seed %d", failures.size(), REQUESTS, SEED)
        .isEmpty();
    assertThat(carriedOut.size()).as("carried out").isGreaterThan(REQUESTS / 10);
    assertThat(refused.size()).as("refused").isGreaterThan(REQUESTS / 10);
    if (REQUESTS >= 5_000) {
      assertThat(asked).hasSameSizeAs(Api.operations());
    }
    assertThatRefusedLeftNothing();
    assertThatAllGoesOn();
  }

  private static Caller caller(Bearer bearer) {
    return new Caller(
        server.bearer(bearer),
        "--tenant %s%s%s"
            .formatted(
                bearer.tenant(),
                bearer.agentId() == null ? "" : " --agent " + bearer.agentId(),
                bearer.roles().stream().map(" --role "::concat).collect(Collectors.joining())));
  }

  private void run(int lane) {
    RandomGenerator random = new java.util.Random(SEED * LANES + lane);
    Values values = new Values(random);
    String tenant = "fuzz-" + lane;
    Caller owner = caller(Bearer.owner(tenant, "ada"));
    TenantInUse made =
        new TenantInUse(
            (path, body) -> setUp(owner, "POST", path, body, "0"),
            (path, position) -> setUp(owner, "GET", path, "", position));
    made.ids().forEach(values::hear);
    List<Caller> callers =
        List.of(
            owner,
            owner,
            caller(new Bearer(tenant, "maya", List.of("admin"), null)),
            caller(new Bearer(tenant, "vic", List.of("viewer"), null)),
            caller(new Bearer(tenant, "olga", List.of("operator"), null)),
            caller(new Bearer(tenant, "aud", List.of("auditor"), null)),
            caller(Bearer.agent(tenant, String.valueOf(made.ids().get("agentId")))),
            caller(new Bearer("fuzz-" + (lane + 1) % LANES, "eve", List.of("admin"), null)));
    RequestFuzzer fuzzer = new RequestFuzzer(random, values, callers);
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < REQUESTS / LANES; i++) {
        FuzzedRequest request = fuzzer.next("fuzz-%d-%d-%d".formatted(SEED, lane, i));
        Heard heard = heard(http, request);
        if (heard.status() == 0) {
          // A connection that was kept may be closed at any time; one that is new may not.
          heard = heard(http, request).again();
        }
        asked.add(request.operationId());
        answers.computeIfAbsent(heard.status(), any -> new LongAdder()).increment();
        if (heard.isRefused()) {
          refused.put(request.correlationId(), heard.status() + " to " + request.curl());
        } else {
          carriedOut.add(request.correlationId());
        }
        if (!heard.faults().isEmpty()) {
          failures.add(new Failure(request, heard.faults()));
        }
        if (heard.status() < 300 && heard.contentType().startsWith("application/json")) {
          keep(values, request, JsonMapper.shared().readTree(heard.body()));
        }
      }
    }
  }

  private static HttpResponse<String> setUp(
      Caller caller, String method, String path, String body, String position) {
    return server.send(
        server
            .bareRequest(path)
            .header("Authorization", caller.bearer())
            .header("Content-Type", "application/json")
            .header("AF-Consistent-With", position)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build());
  }

  /** What came to be is asked for again. The document's size would drown all else. */
  private static void keep(Values values, FuzzedRequest request, JsonNode answer) {
    switch (request.operationId()) {
      case "getContract" -> {}
      case "createWorkflow", "launchWorkflow", "restartWorkflow" ->
          values.hear("workflowId", answer.path("id").asString(""));
      case "registerAgent" -> values.hear("agentId", answer.path("id").asString(""));
      case "openBudget", "allocateSlice" -> values.hear("budgetId", answer.path("id").asString(""));
      case "createSchedule" -> values.hear("scheduleId", answer.path("id").asString(""));
      default -> values.hear(answer);
    }
  }

  private static Heard heard(HttpClient http, FuzzedRequest request) {
    try {
      HttpResponse<InputStream> answer =
          http.send(
              request.toSend(server.bareRequest(request.path() + request.query())),
              BodyHandlers.ofInputStream());
      String type = answer.headers().firstValue("Content-Type").orElse("");
      String body;
      try (InputStream bytes = answer.body()) {
        // A stream of events has no end.
        body =
            type.startsWith("text/event-stream")
                ? ""
                : new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
      }
      List<String> faults =
          new ArrayList<>(Exposure.faults(answer.statusCode(), answer.headers(), body));
      if (!type.startsWith("text/event-stream")) {
        faults.addAll(
            contract.faults(
                request.method(),
                answer.request().uri().getPath(),
                answer.statusCode(),
                type,
                body));
      }
      if (answer.statusCode() >= 500 && answer.statusCode() != 503) {
        faults.add("a failure of ours: " + body);
      }
      if (answer.statusCode() >= 400 && !request.method().equals("HEAD")) {
        faults.addAll(faultsOfProblem(answer.statusCode(), type, body));
      }
      return new Heard(answer.statusCode(), type, body, faults, true);
    } catch (IOException e) {
      return new Heard(0, "", "", List.of("no answer: " + e), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static List<String> faultsOfProblem(int status, String type, String body) {
    if (!type.startsWith("application/problem+json")) {
      return List.of("a refusal that is no problem: %d %s %s".formatted(status, type, body));
    }
    try {
      JsonNode problem = JsonMapper.shared().readTree(body);
      return KNOWN_TYPES.contains(problem.path("type").asString(""))
              && problem.path("status").asInt(0) == status
              && !problem.path("title").asString("").isEmpty()
          ? List.of()
          : List.of("a problem of no known form: " + body);
    } catch (JacksonException e) {
      return List.of("a problem that is no JSON: " + body);
    }
  }

  /** The request, and the simplest that is answered wrongly as well. */
  private static String told(Failure failure) {
    FuzzedRequest simplest = failure.request();
    boolean again;
    try (HttpClient http = HttpClient.newHttpClient()) {
      again = !heard(http, simplest).faults().isEmpty();
      Optional<FuzzedRequest> simpler = again ? Optional.of(simplest) : Optional.empty();
      while (simpler.isPresent()) {
        simplest = simpler.get();
        simpler =
            simplest.simpler().stream()
                .filter(request -> !heard(http, request).faults().isEmpty())
                .findFirst();
      }
    }
    return "%s%n  %s%n  %s"
        .formatted(
            failure.faults(),
            again ? "again with" : "not again alone, but in its place with",
            simplest.curl());
  }

  private void assertThatRefusedLeftNothing() throws SQLException {
    Set<String> recorded = new HashSet<>();
    try (Connection owner = server.connectAsOwner(server.databasePassword());
        Statement statement = owner.createStatement();
        ResultSet found =
            statement.executeQuery(
                "select distinct metadata::jsonb ->> 'correlationId' from log.events")) {
      while (found.next()) {
        recorded.add(found.getString(1));
      }
    }
    assertThat(recorded)
        .as("what was carried out is found by this")
        .containsAnyElementsOf(carriedOut);
    recorded.retainAll(refused.keySet());
    assertThat(recorded.stream().map(refused::get).toList())
        .as("refused, and yet in the log; seed " + SEED)
        .isEmpty();
  }

  /** The chain is whole, and every table has passed all that was appended. */
  private static void assertThatAllGoesOn() throws IOException {
    JsonNode verified = JsonMapper.shared().readTree(server.get("/v1/audit/verification").body());
    assertThat(verified.path("valid").asBoolean()).as(verified.toString()).isTrue();
    long position =
        JsonMapper.shared()
            .readTree(server.get("/v1/status").body())
            .path("log")
            .path("position")
            .asLong();
    for (String table : List.of("workflows", "agents", "budgets", "schedules", "approvals")) {
      assertThat(
              server
                  .get("/v1/" + table, "AF-Consistent-With", Long.toString(position))
                  .statusCode())
          .as(table)
          .isEqualTo(200);
    }
    assertThat(IntStream.range(0, LANES).boxed().toList())
        .allSatisfy(
            lane ->
                assertThat(
                        server
                            .get(
                                "/v1/workflows",
                                "Authorization",
                                server.bearer(Bearer.owner("fuzz-" + lane, "ada")))
                            .statusCode())
                    .isEqualTo(200));
    assertThat(Files.readAllLines(server.home().resolve("up.log")))
        .as("the server's log")
        .noneMatch(line -> line.contains(" ERROR "));
  }
}

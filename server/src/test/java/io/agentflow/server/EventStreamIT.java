package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.EventReader.Told;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Server-sent events: each of the tenant's entries once, in order, over any reconnect. */
class EventStreamIT {

  private static final int RECONNECTS = 100;
  private static final int WRITERS = 4;
  private static final int STREAMS_MAX = 250;
  private static final int IDLE_STREAMS = 200;

  /** Less than a server waits for requests that do not end. */
  private static final Duration STOPS_WITHIN = Duration.ofSeconds(15);

  private static ServerProcess server;

  /** A second node on the same database. */
  private static ServerProcess other;

  @BeforeAll
  static void start() {
    Map<String, String> settings =
        Map.of(
            "AF_EVENT_HEARTBEAT_SECONDS", "1",
            "AF_EVENT_STALLED_SECONDS", "1",
            "AF_EVENT_STREAMS", Integer.toString(STREAMS_MAX));
    server = ServerProcess.start(settings);
    other =
        ServerProcess.start(
            Map.of(
                "AF_DATABASE_URL",
                "postgresql://postgres:%s@localhost:%s/agentflow"
                    .formatted(server.databasePassword(), server.databasePort()),
                "AF_EVENT_STREAMS",
                "1",
                "AF_EVENT_HEARTBEAT_SECONDS",
                "1"));
  }

  @AfterAll
  static void stop() {
    other.close();
    server.close();
  }

  private static String created(ServerProcess node, String tenant) {
    HttpResponse<String> answer =
        node.post("/v1/workflows", "{\"name\":\"run\",\"intent\":\"do it\"}", node.in(tenant));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return CanonicalJson.parse(answer.body()).path("id").asText();
  }

  private static List<Told> logOf(String tenant) throws SQLException {
    List<Told> entries = new ArrayList<>();
    try (Connection connection = server.connectAsOwner(server.databasePassword());
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select position, event_id, event_type from log.events
                where tenant_id = ? order by position
                """)) {
      statement.setString(1, tenant);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          entries.add(new Told(row.getLong(1), row.getString(2), row.getString(3)));
        }
      }
    }
    return entries;
  }

  private static ExecutorService append(
      AtomicBoolean enough, List<ServerProcess> nodes, String to) {
    ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
    for (int writer = 0; writer < WRITERS; writer++) {
      ServerProcess node = nodes.get(writer % nodes.size());
      writers.execute(
          () -> {
            while (!enough.get()) {
              created(node, to);
              created(node, "stranger");
            }
          });
    }
    return writers;
  }

  /** Reads a few blocks at a time, from one node after the other; says then that it is enough. */
  private static void readInPieces(
      EventReader reader,
      List<ServerProcess> nodes,
      int pieces,
      Random random,
      AtomicBoolean enough)
      throws IOException, InterruptedException {
    try {
      for (int i = 0; i < pieces; i++) {
        int[] blocksLeft = {1 + random.nextInt(30)};
        reader.read(nodes.get(i % nodes.size()), type -> --blocksLeft[0] == 0);
      }
    } finally {
      enough.set(true);
    }
  }

  @Test
  void a_reader_that_reconnects_a_hundred_times_while_others_append_is_told_each_entry_once()
      throws Exception {
    long seed = System.nanoTime();
    EventReader reader = new EventReader("/v1/events?from=0", "steady");
    AtomicBoolean enough = new AtomicBoolean();
    try (ExecutorService _ = append(enough, List.of(server), "steady")) {
      readInPieces(reader, List.of(server), RECONNECTS, new Random(seed), enough);
    }
    reader.catchUp(server);

    assertThat(reader.told()).as("seed %d", seed).isEqualTo(logOf("steady")).hasSizeGreaterThan(90);
  }

  @Test
  void a_reader_may_change_nodes_while_both_append() throws Exception {
    long seed = System.nanoTime();
    List<ServerProcess> nodes = List.of(server, other);
    EventReader reader = new EventReader("/v1/events?from=0", "wanderer");
    AtomicBoolean enough = new AtomicBoolean();
    try (ExecutorService _ = append(enough, nodes, "wanderer")) {
      readInPieces(reader, nodes, RECONNECTS / 4, new Random(seed), enough);
    }
    reader.catchUp(server);

    assertThat(reader.told()).as("seed %d", seed).isEqualTo(logOf("wanderer")).isNotEmpty();
  }

  @Test
  void nothing_is_told_of_another_tenant() throws Exception {
    String workflowId = created(server, "fenced");
    for (String query : List.of("", "&aggregateId=" + workflowId, "&workflowId=" + workflowId)) {
      EventReader stranger = new EventReader("/v1/events?from=0" + query, "looks-around");
      stranger.catchUp(server);
      assertThat(stranger.told()).isEmpty();
    }
  }

  private static EventReader read(String query, String tenant) throws Exception {
    EventReader reader = new EventReader("/v1/events?from=0" + query, tenant);
    reader.catchUp(server);
    return reader;
  }

  @Test
  void filters_let_through_what_they_name() throws Exception {
    String tenant = "sieve";
    String workflowId = created(server, tenant);
    created(server, tenant);
    server.post("/v1/workflows/" + workflowId + "/start", "{}", server.in(tenant));
    String budgetId =
        CanonicalJson.parse(
                server
                    .post(
                        "/v1/budgets",
                        "{\"name\":\"b\",\"limitTokens\":9,\"limitMicroDollars\":9}",
                        server.in(tenant))
                    .body())
            .path("id")
            .asText();
    for (String reservationId : List.of(workflowId + ":one:1", "else:one:1")) {
      server.post(
          "/v1/budgets/" + budgetId + "/reservations",
          "{\"reservationId\":\"%s\",\"tokens\":1,\"microDollars\":1}".formatted(reservationId),
          server.in(tenant));
    }

    assertThat(read("", tenant).types())
        .containsExactly(
            "workflow.created",
            "workflow.created",
            "workflow.started",
            "budget.opened",
            "budget.reserved",
            "budget.reserved");
    assertThat(read("&types=budget.*,workflow.started", tenant).types())
        .containsExactly("workflow.started", "budget.opened", "budget.reserved", "budget.reserved");
    assertThat(read("&aggregateId=" + workflowId, tenant).types())
        .containsExactly("workflow.created", "workflow.started");
    assertThat(read("&workflowId=" + workflowId, tenant).types())
        .containsExactly("workflow.created", "workflow.started", "budget.reserved");
    assertThat(read("&types=workflow.*&aggregateId=" + budgetId, tenant).types()).isEmpty();
  }

  @Test
  void what_cannot_be_meant_is_a_problem() {
    for (String query :
        List.of(
            "?types=workflow.complete",
            "?types=",
            "?from=x",
            "?from=-1",
            "?from=999999999",
            "?aggregateId=",
            "?workflowId=" + "w".repeat(201))) {
      HttpResponse<String> answer = server.get("/v1/events" + query);
      assertThat(answer.statusCode()).as(query).isEqualTo(422);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }
    assertThat(server.get("/v1/events?types=workflow.complete").body())
        .contains("near are workflow.completed");
    assertThat(server.get("/v1/events?from=0", "Last-Event-ID", "older").body())
        .contains("Last-Event-ID must be a position");
  }

  @Test
  void while_a_filter_lets_nothing_through_the_id_moves_on() throws Exception {
    EventReader reader = new EventReader("/v1/events?types=schedule.*", "quiet");
    reader.catchUp(server);
    long before = reader.position();
    created(server, "quiet");
    long appended = logOf("quiet").getLast().position();

    reader.read(server, type -> type == null && reader.position() >= appended);

    assertThat(before).isLessThan(appended);
    assertThat(reader.told()).isEmpty();
  }

  @Test
  void beyond_its_places_a_node_asks_to_come_again() throws Exception {
    boolean[] refused = {false};
    new EventReader("/v1/events", "default")
        .read(
            other,
            type -> {
              HttpResponse<String> second = other.get("/v1/events");
              refused[0] =
                  second.statusCode() == 503
                      && second.body().contains("/problems/busy")
                      && second.headers().firstValue("Retry-After").isPresent();
              return true;
            });
    assertThat(refused[0]).isTrue();
  }

  private static Socket streamOf(ServerProcess node, String tenant, int bufferBytes)
      throws IOException {
    URI server = node.request("/").build().uri();
    Socket socket = new Socket();
    socket.setReceiveBufferSize(bufferBytes);
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
    socket
        .getOutputStream()
        .write(
            "GET /v1/events?from=0 HTTP/1.0\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n"
                .formatted(node.bearer(tenant, "tester"))
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void a_reader_that_takes_nothing_is_cut_off_and_resumes_where_it_was() throws Exception {
    String tenant = "sloth";
    String workflowId = created(server, tenant);
    server.post("/v1/workflows/" + workflowId + "/start", "{}", server.in(tenant));
    appendMuch(workflowId, tenant);
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    try (Socket socket = streamOf(server, tenant, 4_096)) {
      awaitCutOff();
      socket.setSoTimeout(10_000);
      readToEnd(socket.getInputStream(), taken);
    }
    EventReader reader = new EventReader("/v1/events", tenant);
    reader.readBlocks(
        new BufferedReader(
            new InputStreamReader(
                new ByteArrayInputStream(taken.toByteArray()), StandardCharsets.UTF_8)),
        type -> false);
    int toldBefore = reader.told().size();

    reader.catchUp(server);

    List<Told> log = logOf(tenant);
    assertThat(toldBefore).isGreaterThan(0).isLessThan(log.size());
    assertThat(reader.told()).isEqualTo(log);
  }

  /** More than all buffers between server and client hold: 15 MB. */
  private static void appendMuch(String workflowId, String tenant) throws InterruptedException {
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int writer = 0; writer < WRITERS; writer++) {
        int first = writer * 250;
        writers.execute(
            () -> {
              for (int i = first; i < first + 250; i++) {
                server.post(
                    "/v1/workflows/" + workflowId + "/messages",
                    """
                    {"messageId":"m%d","role":"user","from":"u","to":"a","content":"%s",\
                    "tokens":1,"microDollars":1}"""
                        .formatted(i, "x".repeat(15_000)),
                    server.in(tenant));
              }
            });
      }
    }
  }

  private static void awaitCutOff() throws IOException, InterruptedException {
    for (int i = 0; i < 300; i++) {
      if (Files.readString(server.home().resolve("up.log"))
          .contains("an event stream is cut off")) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("the reader was not cut off");
  }

  /** A connection that is closed with bytes on their way may end in a reset. */
  private static void readToEnd(InputStream from, ByteArrayOutputStream to) {
    byte[] piece = new byte[65_536];
    try {
      for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
        to.write(piece, 0, count);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection is still open", e);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private static long transactions() throws SQLException {
    try (Connection connection = server.connectAsOwner(server.databasePassword());
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select xact_commit from pg_stat_database where datname = 'agentflow'")) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * With what the nodes do idle, and what PostgreSQL counts late; asking once a second is 2,000.
   */
  @Test
  void two_hundred_idle_readers_ask_the_database_no_more_than_one() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < IDLE_STREAMS; i++) {
        Socket socket = streamOf(server, "idle", 65_536);
        socket.setSoTimeout(10_000);
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        idle.add(socket);
      }
      Thread.sleep(3_000);
      long before = transactions();
      Thread.sleep(10_000);
      assertThat(transactions() - before).isLessThan(1_900);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void af_events_prints_what_is_there_and_ends() throws Exception {
    String workflowId = created(server, "terminal");
    created(server, "terminal");

    ServerProcess.Ran lines = server.run("events", "--tenant", "terminal");
    ServerProcess.Ran json =
        server.run("events", "--tenant", "terminal", "--workflow", workflowId, "--json");

    assertThat(lines.exitCode()).isZero();
    assertThat(lines.output().lines()).hasSize(2).allMatch(l -> l.contains("workflow.created"));
    assertThat(lines.output()).contains(workflowId);
    assertThat(json.json().path("aggregateId").asText()).isEqualTo(workflowId);
    assertThat(
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(Path.of("../docs/events/entry.schema.json")))
                .validate(json.output(), InputFormat.JSON))
        .isEmpty();
    assertThat(server.run("events", "--types", "nonsense").exitCode()).isEqualTo(4);
  }

  @Test
  void a_server_that_stops_ends_its_streams_and_af_events_goes_on_when_it_is_back()
      throws Exception {
    Path home = Files.createTempDirectory("agentflow");
    try (ServerProcess stopped = ServerProcess.start(home, Map.of(), ServerProcess.freePort())) {
      created(stopped, "default");
      ServerProcess.Begun following = stopped.begin("events", "--follow", "--from", "0");
      awaitLines(following, 1);
      Thread stop = Thread.ofVirtual().unstarted(stopped::close);
      List<String> types = new ArrayList<>();

      new EventReader("/v1/events", "default")
          .read(
              stopped,
              type -> {
                types.add(String.valueOf(type));
                if ("caught-up".equals(type)) {
                  stop.start();
                }
                return false;
              });
      assertThat(stop.join(STOPS_WITHIN)).isTrue();
      stopped.startAgain();
      created(stopped, "default");

      assertThat(types).endsWith("resume");
      awaitLines(following, 2);
      following.process().destroy();
    }
  }

  private static void awaitLines(ServerProcess.Begun command, int count) throws Exception {
    for (int i = 0; i < 300; i++) {
      if (Files.readAllLines(command.output()).size() >= count) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("nothing was printed");
  }
}

package io.agentflow.server;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.server.ServerProcess.Ran;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is found in recorded runs, beside what reading all of them finds; and the page about search.
 */
class SearchOverHttpIT {

  private static final Path RECORDED = Path.of("../../shared/data/agent-runs/airline-gpt-4o.jsonl");
  private static final Path SAMPLE = Path.of("../samples/support-runs.jsonl");
  private static final Path PAGE = Path.of("../docs/search.md");
  private static final int RUNS = 20;

  private static ServerProcess server;
  private static String now;

  @BeforeAll
  static void start() throws IOException {
    server = ServerProcess.start();
    Path runs = server.home().resolve("runs.jsonl");
    Files.write(
        runs,
        Files.readAllLines(Files.exists(RECORDED) ? RECORDED : SAMPLE).stream()
            .limit(RUNS)
            .toList());
    Ran imported = server.run("runs", "import", runs.toString(), "--tenant", "airline");
    assertThat(imported.exitCode()).as(imported.output()).isZero();
    AuditedStory.tell(server);
    now = Long.toString(server.position());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
    return CanonicalJson.parse(answer.body());
  }

  private static JsonNode get(String tenant, String path) {
    return json(
        server.get(
            path, "Authorization", server.bearer(tenant, "tester"), "AF-Consistent-With", now));
  }

  /** All pages of a list. */
  private static List<JsonNode> all(String tenant, String path, int limit) {
    List<JsonNode> items = new ArrayList<>();
    String next = "";
    do {
      JsonNode page = get(tenant, path + "&limit=" + limit + next);
      page.path("items").forEach(items::add);
      next = page.path("nextCursor").isNull() ? "" : "&cursor=" + page.path("nextCursor").asText();
    } while (!next.isEmpty());
    return items;
  }

  private static String asked(String text) {
    return "text=" + URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The first column of each row, as the database's owner reads it. */
  private static List<String> rows(String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection owner = server.connectAsOwner(server.databasePassword());
        Statement statement = owner.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  /** Each query says what one side has and the other has not. */
  @Test
  void the_tables_say_what_the_log_says() throws SQLException {
    String messages =
        """
        select payload::jsonb ->> 'workflowId', payload::jsonb ->> 'messageId', tenant_id,
          payload::jsonb ->> 'role', payload::jsonb ->> 'from', payload::jsonb ->> 'to',
          payload::jsonb ->> 'content', (payload::jsonb ->> 'tokens')::bigint,
          (payload::jsonb ->> 'microDollars')::bigint, sequence_number, position, occurred_at
        from log.events where event_type = 'workflow.message-recorded'
        """;
    assertSame(
        messages,
        """
        select workflow_id, message_id, tenant_id, role, sender, recipient, content, tokens,
          micro_dollars, version, position, created_at
        from views.messages
        """);
    assertSame(
        """
        select tenant_id, workflow_id, coalesce(call_id, step_id || '/' || attempt), agent_id, tool,
          coalesce(outcome, 'called'), called_at, returned_at, tokens, micro_dollars
        from (select tenant_id, workflow_id, call_id, step_id, attempt, agent_id, tool,
                case outcome when 'compensated' then 'undone' else outcome end, called_at, returned_at,
                tokens, micro_dollars from audit.tool_calls)
          as of_log (tenant_id, workflow_id, call_id, step_id, attempt, agent_id, tool, outcome,
            called_at, returned_at, tokens, micro_dollars)
        """,
        """
        select tenant_id, workflow_id, call_id, agent_id, tool, status, called_at, ended_at, tokens,
          micro_dollars
        from views.tool_calls where called_at is not null
        """);
    assertSame(
        """
        select tenant_id, binding_id, principal, roles ->> 0, project, environment, changed_at,
          (select max(gone.changed_at) from audit.access_changes gone
           where gone.change = 'role-unbound' and gone.tenant_id = given.tenant_id
             and gone.binding_id = given.binding_id and gone.position > given.position)
        from audit.access_changes given where change = 'role-bound'
        """,
        """
        select tenant_id, binding_id, principal, role, project, environment, created_at, removed_at
        from views.role_bindings
        """);
    assertSame(
        """
        select tenant_id, 'key:' || (payload ->> 'keyId'), payload ->> 'name', payload -> 'roles',
          (payload ->> 'expiresAt')::timestamptz,
          (select max(gone.changed_at) from audit.access_changes gone
           where gone.change = 'key-revoked' and gone.tenant_id = issued.tenant_id
             and gone.principal = 'key:' || (issued.payload ->> 'keyId'))
        from audit.events issued where event_type = 'tenant.key-issued'
        """,
        """
        select tenant_id, 'key:' || key_id, name, roles, expires_at, revoked_at from views.api_keys
        """);
    assertSame(
        "select tenant_id, count(*), min(position), max(position) from log.events group by 1",
        "select tenant_id, entries, created_position, position from views.tenants");
    assertThat(rows("select to_jsonb(k)::text from views.api_keys k"))
        .isNotEmpty()
        .noneMatch(key -> key.matches(".*[0-9a-f]{64}.*"));
  }

  private static void assertSame(String log, String table) throws SQLException {
    assertThat(rows("select * from (%s) t".formatted(table))).isNotEmpty();
    String differ = "select t::text from (%s except all %s) t";
    assertThat(rows(differ.formatted(log, table))).as("missing in %s", table).isEmpty();
    assertThat(rows(differ.formatted(table, log))).as("too much in %s", table).isEmpty();
  }

  /** All that was said, newest first, by the log. */
  private static List<JsonNode> said(String tenant) throws SQLException {
    return rows(
            """
            select payload from log.events
            where tenant_id = '%s' and event_type = 'workflow.message-recorded'
            order by position desc
            """
                .formatted(tenant))
        .stream()
        .map(CanonicalJson::parse)
        .toList();
  }

  private static String key(JsonNode message) {
    return message.path("workflowId").asText() + " " + message.path("messageId").asText();
  }

  /** The words between blanks, with blanks around. */
  private static String words(JsonNode message) {
    return " "
        + String.join(
            " ",
            message
                .path("content")
                .asText()
                .toLowerCase(Locale.ROOT)
                .split("[^\\p{IsAlphabetic}\\p{Nd}]+"))
        + " ";
  }

  private static Predicate<JsonNode> has(String... all) {
    return message -> Arrays.stream(all).allMatch(one -> words(message).contains(" " + one + " "));
  }

  @Test
  void what_is_found_is_what_reading_everything_finds() throws SQLException {
    Map<String, Predicate<JsonNode>> searches =
        new TreeMap<>(
            Map.of(
                "flight", has("flight"),
                "Refund insurance", has("refund", "insurance"),
                "\"travel insurance\"", has("travel insurance"),
                "refund -insurance", has("refund").and(has("insurance").negate()),
                "cancel or cancelled", has("cancel").or(has("cancelled")),
                "\"the\" of to", has("the", "of", "to"),
                "zzzz", has("zzzz")));
    List<JsonNode> said = said("airline");
    searches.forEach(
        (text, predicate) ->
            assertThat(all("airline", "/v1/messages?" + asked(text), 500))
                .as(text)
                .extracting(SearchOverHttpIT::key)
                .isEqualTo(said.stream().filter(predicate).map(SearchOverHttpIT::key).toList()));
    assertThat(said).filteredOn(searches.get("flight")).hasSizeGreaterThan(10);
  }

  @Test
  void a_found_message_tells_where_it_is_and_shows_its_words() {
    JsonNode found = get("acme", "/v1/messages?role=user&" + asked("größe"));
    assertThat(found.path("items")).hasSize(1);
    JsonNode message = found.path("items").path(0);
    assertThat(message.path("from").asText()).isEqualTo("ann");
    assertThat(message.path("snippet").toString())
        .isEqualTo("[{\"text\":\"Größe\",\"hit\":true},{\"text\":\" “M”? \",\"hit\":false}]");
    String id = message.path("workflowId").asText();
    assertThat(get("acme", "/v1/messages?role=assistant&" + asked("größe")).path("items"))
        .isEmpty();
    assertThat(get("acme", "/v1/messages?workflowId=" + id + "&" + asked("m")).path("items"))
        .hasSize(1);
    JsonNode whole = get("acme", "/v1/workflows/" + id + "/messages").path("items").path(0);
    assertThat(whole.path("content").asText()).isEqualTo("Größe “M”?\n");
    assertThat(whole.path("position")).isEqualTo(message.path("position"));
  }

  @Test
  void another_tenant_finds_nothing_of_it() {
    String of = get("acme", "/v1/messages?" + asked("größe")).findPath("workflowId").asText();
    assertThat(all("globex", "/v1/messages?" + asked("größe"), 10))
        .singleElement()
        .matches(message -> !message.path("workflowId").asText().equals(of));
    assertThat(get("nobody", "/v1/messages?" + asked("größe or flight")).path("items")).isEmpty();
    assertThat(get("globex", "/v1/messages?workflowId=" + of + "&" + asked("m")).path("items"))
        .isEmpty();
    assertThat(get("globex", "/v1/workflows?" + asked("flight")).path("items")).isEmpty();
    assertThat(get("nobody", "/v1/workflows?tool=mail").path("items")).isEmpty();
    assertThat(get("nobody", "/v1/tools").path("items")).isEmpty();
    assertThat(server.get("/v1/workflows/" + of + "/messages", server.in("globex")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void a_workflows_messages_are_read_in_order_page_by_page() throws SQLException {
    JsonNode first = said("airline").getFirst();
    String id = first.path("workflowId").asText();
    List<String> expected =
        new ArrayList<>(
            said("airline").stream()
                .filter(message -> message.path("workflowId").asText().equals(id))
                .map(SearchOverHttpIT::key)
                .toList());
    Collections.reverse(expected);
    assertThat(all("airline", "/v1/workflows/" + id + "/messages?", 3))
        .extracting(SearchOverHttpIT::key)
        .isEqualTo(expected);
  }

  @Test
  void filters_of_workflows_are_met_all_at_once() throws SQLException {
    List<JsonNode> workflows = all("airline", "/v1/workflows?", 7);
    assertThat(workflows).hasSizeGreaterThan(5);
    JsonNode some = workflows.get(workflows.size() / 2);
    long cost = some.path("totalMicroDollars").asLong();
    Instant updated = Instant.parse(some.path("updatedAt").asText());
    String name = some.path("name").asText();
    String part = name.substring(1, name.length() - 1).toUpperCase(Locale.ROOT);
    List<String> calling =
        rows("select distinct workflow_id from audit.tool_calls where tool = 'cancel_reservation'");
    List<String> speaking =
        said("airline").stream()
            .filter(has("cancel", "reservation"))
            .map(message -> message.path("workflowId").asText())
            .toList();
    Map<String, Predicate<JsonNode>> filters =
        new TreeMap<>(
            Map.of(
                "costAtLeastMicroDollars=" + cost,
                row -> row.path("totalMicroDollars").asLong() >= cost,
                "costAtMostMicroDollars=" + cost,
                row -> row.path("totalMicroDollars").asLong() <= cost,
                "updatedAfter=" + updated,
                row -> Instant.parse(row.path("updatedAt").asText()).isAfter(updated),
                "updatedBefore=" + updated,
                row -> Instant.parse(row.path("updatedAt").asText()).isBefore(updated),
                "name=" + URLEncoder.encode(part, StandardCharsets.UTF_8),
                row -> row.path("name").asText().toUpperCase(Locale.ROOT).contains(part),
                "tool=cancel_reservation",
                row -> calling.contains(row.path("workflowId").asText()),
                asked("cancel reservation"),
                row -> isAbout(row, speaking)));
    filters.forEach(
        (query, fits) -> {
          assertThat(ids(all("airline", "/v1/workflows?" + query, 500)))
              .as(query)
              .isEqualTo(ids(workflows.stream().filter(fits).toList()));
          filters.forEach(
              (other, fitsToo) -> {
                if (query.compareTo(other) < 0) {
                  assertThat(ids(all("airline", "/v1/workflows?" + query + "&" + other, 4)))
                      .as("%s&%s", query, other)
                      .isEqualTo(ids(workflows.stream().filter(fits.and(fitsToo)).toList()));
                }
              });
        });
    assertThat(calling).isNotEmpty();
    assertThat(ids(all("acme", "/v1/workflows?text=known", 5))).as("by its intent").hasSize(1);
  }

  private static boolean isAbout(JsonNode row, List<String> speaking) {
    String described =
        (row.path("name").asText() + " " + row.path("intent").asText()).toLowerCase(Locale.ROOT);
    return speaking.contains(row.path("workflowId").asText())
        || List.of(described.split("\\W+")).containsAll(List.of("cancel", "reservation"));
  }

  private static List<String> ids(List<JsonNode> workflows) {
    return workflows.stream().map(row -> row.path("workflowId").asText()).toList();
  }

  private static String workflow(String tenant) {
    String id =
        json(server.post(
                "/v1/workflows", "{\"name\":\"talk\",\"intent\":\"talk\"}", server.in(tenant)))
            .path("id")
            .asText();
    json(server.post("/v1/workflows/" + id + "/start", "", server.in(tenant)));
    return id;
  }

  private static void say(String tenant, String workflowId, String messageId, String content) {
    HttpResponse<String> answer =
        server.post(
            "/v1/workflows/" + workflowId + "/messages",
            "{\"messageId\":\"%s\",\"role\":\"user\",\"from\":\"ann\",\"to\":\"bot\",\"content\":%s}"
                .formatted(messageId, quoted(content)),
            server.in(tenant));
    json(answer);
    now = answer.headers().firstValue("AF-Position").orElseThrow();
  }

  private static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }

  @Test
  void paging_gives_each_message_once_while_others_are_added() {
    String id = workflow("pages");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 23; i++) {
      say("pages", id, "m-" + i, i % 3 == 0 ? "something else" : "needle " + i);
      if (i % 3 != 0) {
        expected.addFirst("m-" + i);
      }
    }
    List<String> found = new ArrayList<>();
    @Nullable String next = null;
    int added = 0;
    do {
      JsonNode page =
          get(
              "pages",
              "/v1/messages?text=needle&limit=4" + (next == null ? "" : "&cursor=" + next));
      page.path("items").forEach(message -> found.add(message.path("messageId").asText()));
      say("pages", id, "later-" + added++, "one more needle");
      next = page.path("nextCursor").isNull() ? null : page.path("nextCursor").asText();
    } while (next != null);
    assertThat(found).isEqualTo(expected);
    assertThat(all("pages", "/v1/messages?text=needle", 4)).hasSize(expected.size() + added);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v1/messages?text=                          | text must have a word
          /v1/messages?text=-refund                   | text must have a word
          /v1/messages?text=%22%21%22                 | text must have a word
          /v1/messages?text=a&role=boss               | role must be one of system
          /v1/messages?text=a&limit=0                 | limit must be 1 to 500
          /v1/messages?text=a&cursor=x                | cursor must be the nextCursor
          /v1/workflows?text=%20                      | text must have a word
          /v1/workflows?costAtLeastMicroDollars=-1    | costAtLeastMicroDollars must be 0 to
          /v1/workflows?name=%00                      | name must not contain
          """)
  void what_cannot_be_searched_is_refused(String path, String reason) {
    HttpResponse<String> answer = server.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(answer.body()).contains(reason);
    assertThat(server.get("/v1/messages?text=" + "x".repeat(201)).statusCode()).isEqualTo(422);
  }

  @Test
  void tools_are_summed_up() throws SQLException {
    List<JsonNode> tools = all("airline", "/v1/tools?", 3);
    assertThat(tools).extracting(tool -> tool.path("lastCalledAt").asText()).isNotEmpty();
    assertThat(
            tools.stream()
                .map(
                    tool ->
                        "%s %d %d"
                            .formatted(
                                tool.path("tool").asText(),
                                tool.path("calls").asLong(),
                                tool.path("microDollars").asLong()))
                .sorted())
        .isEqualTo(
            rows(
                    """
                select tool || ' ' || count(*) || ' ' || sum(micro_dollars) from audit.tool_calls
                where tenant_id = 'airline' group by tool
                """)
                .stream()
                .sorted()
                .toList());
    assertThat(all("acme", "/v1/tools?", 5))
        .filteredOn(tool -> tool.path("tool").asText().equals("press"))
        .singleElement()
        .matches(press -> press.path("calls").asLong() == 2)
        .matches(press -> press.path("averageMillis").isNumber());
  }

  @Test
  void the_command_line_shows_what_is_found() {
    Ran found = server.run("search", "größe -mail", "--tenant", "acme");
    assertThat(found.exitCode()).as(found.output()).isZero();
    assertThat(found.output())
        .contains("ann → scribe", "\n    Größe “M”?")
        .doesNotContain("\u001b");
    assertThat(
            server
                .run(
                    "workflows",
                    "list",
                    "--tenant",
                    "acme",
                    "--text",
                    "größe",
                    "--tool",
                    "mail",
                    "--cost-at-least",
                    "0.00001",
                    "--json")
                .json()
                .path("items"))
        .hasSize(1);
  }

  @TestFactory
  List<DynamicTest> each_search_of_the_page_finds_what_it_says() throws IOException {
    String page = Files.readString(PAGE);
    String id = workflow("page");
    Matcher message = Pattern.compile("(?m)^\\| (m-\\d) \\| (.*) \\|$").matcher(page);
    while (message.find()) {
      say("page", id, message.group(1), message.group(2));
    }
    List<DynamicTest> searches = new ArrayList<>();
    Matcher search = Pattern.compile("(?m)^\\| `(.*)` \\| (m-.*?) \\|").matcher(page);
    while (search.find()) {
      String text = search.group(1);
      String finds = search.group(2);
      searches.add(
          DynamicTest.dynamicTest(
              text,
              () ->
                  assertThat(
                          StreamSupport.stream(
                                  get("page", "/v1/messages?" + asked(text))
                                      .path("items")
                                      .spliterator(),
                                  false)
                              .map(found -> found.path("messageId").asText())
                              .collect(joining(", ")))
                      .isEqualTo(finds)));
    }
    assertThat(searches).hasSizeGreaterThan(10);
    return searches;
  }
}

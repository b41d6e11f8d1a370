package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.Agent;
import io.agentflow.domain.agent.AgentCommand;
import io.agentflow.domain.agent.AgentCommand.ActivateAgent;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentCommand.ComeOnline;
import io.agentflow.domain.agent.AgentCommand.GoOffline;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentCommand.SuspendAgent;
import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.Budget;
import io.agentflow.domain.budget.BudgetCommand;
import io.agentflow.domain.budget.BudgetCommand.AllocateSlice;
import io.agentflow.domain.budget.BudgetCommand.ChangeLimit;
import io.agentflow.domain.budget.BudgetCommand.CloseBudget;
import io.agentflow.domain.budget.BudgetCommand.OpenBudget;
import io.agentflow.domain.budget.BudgetCommand.ReleaseReservation;
import io.agentflow.domain.budget.BudgetCommand.ReserveSpend;
import io.agentflow.domain.budget.BudgetCommand.SettleReservation;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.projections.agent.AgentTable;
import io.agentflow.projections.budget.BudgetTable;
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tables as of any point of the past, against what they said then. */
class PastRowsIT {

  private static final int PAIRS = 1_000;
  private static final int EVENTS_A_PAIR = 3;
  private static final List<String> TENANTS = List.of("acme", "other");
  private static final List<String> TEAMS = List.of("red", "blue");
  private static final List<String> CAPABILITIES = List.of("triage", "write", "sign");
  private static final AgentId AGENT = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  private static final BudgetId BUDGET = new BudgetId("018f4e6a-0000-7000-8000-0000000000c1");
  private static final JsonMapper JSON = JsonMapper.shared();

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final List<PastTables.Aggregate<?, ?, ?>> workflows = new ArrayList<>();
  private final List<PastTables.Aggregate<?, ?, ?>> agents = new ArrayList<>();
  private final List<PastTables.Aggregate<?, ?, ?>> budgets = new ArrayList<>();
  private PastTables tables;

  @BeforeEach
  void open() throws SQLException {
    tables = new PastTables();
  }

  @AfterEach
  void close() throws SQLException {
    tables.close();
  }

  /**
   * What is asked of a table, now or as of a point of the past.
   *
   * @param page by its cursor and {@code asOf}, each null for none
   * @param wants which of a projection's rows, as columns, should be answered
   */
  private record Query(
      String words,
      Projection<?> projection,
      BiFunction<@Nullable String, @Nullable String, Page<?>> page,
      Predicate<JsonNode> wants) {

    /** All pages. */
    List<List<?>> pages(@Nullable String asOf) {
      List<List<?>> pages = new ArrayList<>();
      String cursor = null;
      do {
        Page<?> page = this.page.apply(cursor, asOf);
        pages.add(page.items());
        cursor = page.nextCursor();
      } while (cursor != null);
      return pages;
    }
  }

  private record Remembered(Query query, long position, List<List<?>> answer) {}

  @Test
  void a_thousand_questions_are_answered_as_of_their_time_as_they_were_then_and_as_folded_afresh() {
    List<Remembered> remembered = new ArrayList<>();
    while (remembered.size() < PAIRS) {
      step(
          () -> {
            if (random.nextInt(EVENTS_A_PAIR) == 0) {
              Query query = query();
              remembered.add(new Remembered(query, tables.head(), query.pages(null)));
            }
          });
    }

    Collections.shuffle(remembered, random);
    int rows = 0;
    for (Remembered then : remembered) {
      String as =
          "%s as of %d of %d, seed %d"
              .formatted(then.query().words(), then.position(), tables.head(), seed);
      List<List<?>> answer = then.query().pages(asOf(then.position()));
      assertThat(answer).as(as).isEqualTo(then.answer());
      List<JsonNode> answered =
          answer.stream().flatMap(List::stream).map(PastRowsIT::asJson).toList();
      assertIsFolded(answered, fresh(then), as);
      rows += answered.size();
    }
    assertThat(rows).isGreaterThan(PAIRS);
  }

  /** By position or by time. */
  private String asOf(long position) {
    return random.nextBoolean()
        ? String.valueOf(position)
        : PastTables.time(position).plusMillis(random.nextInt(999)).toString();
  }

  private static JsonNode asJson(Object row) {
    return JSON.readTree(JSON.writeValueAsString(row));
  }

  private List<JsonNode> fresh(Remembered then) {
    JsonNode rows = JSON.readTree(tables.foldedFresh(then.query().projection(), then.position()));
    return StreamSupport.stream(rows.spliterator(), false)
        .filter(then.query().wants())
        .sorted((a, b) -> Long.compare(created(b), created(a)))
        .toList();
  }

  private static long created(JsonNode row) {
    return row.path("created_position").asLong();
  }

  private static void assertIsFolded(List<JsonNode> answer, List<JsonNode> folded, String as) {
    assertThat(answer).as(as).hasSameSizeAs(folded);
    for (int i = 0; i < answer.size(); i++) {
      JsonNode columns = folded.get(i);
      boolean isBudget = columns.has("budget_id") && columns.has("closed");
      answer
          .get(i)
          .properties()
          .forEach(
              field -> {
                if (isBudget && field.getKey().equals("status")) {
                  assertThat(field.getValue().asString()).as(as).isEqualTo(budgetStatus(columns));
                  return;
                }
                JsonNode column = columns.path(snakeCase(field.getKey()));
                assertThat(field.getValue())
                    .as("%s: %s", as, field.getKey())
                    .isEqualTo(column.isMissingNode() ? JSON.nullNode() : column);
              });
    }
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  private static String budgetStatus(JsonNode row) {
    boolean exhausted =
        used(row, "tokens") >= row.path("limit_tokens").asLong()
            || used(row, "micro_dollars") >= row.path("limit_micro_dollars").asLong();
    return row.path("closed").asBoolean() ? "closed" : exhausted ? "exhausted" : "open";
  }

  private static long used(JsonNode row, String of) {
    return row.path("reserved_" + of).asLong() + row.path("spent_" + of).asLong();
  }

  @Test
  void a_list_of_the_past_is_paged_with_each_row_once_whatever_happens_meanwhile() {
    while (tables.head() < 400) {
      step(() -> {});
    }
    for (String asOf : List.of("400", PastTables.time(400).plusMillis(1).toString())) {
      Query all = workflows("acme", 2, null, null, null);
      List<List<?>> undisturbed = all.pages(asOf);
      List<List<?>> pages = new ArrayList<>();
      String cursor = null;
      do {
        Page<?> page = all.page().apply(cursor, asOf);
        pages.add(page.items());
        cursor = page.nextCursor();
        for (int i = 0; i < 20; i++) {
          step(() -> {});
        }
      } while (cursor != null);
      assertThat(pages).as("seed %d", seed).isEqualTo(undisturbed).hasSizeGreaterThan(2);
    }
  }

  @Test
  void what_is_to_come_and_what_is_no_point_of_the_past_is_refused() {
    while (tables.head() < 100) {
      step(() -> {});
    }
    long head = tables.head();
    Query all = workflows("acme", 1, null, null, null);
    assertThat(all.pages(String.valueOf(head))).isEqualTo(all.pages(null));
    assertThat(all.pages("0")).containsExactly(List.of());
    assertThat(all.pages("2025-01-01T00:00:00Z")).containsExactly(List.of());
    assertRefused(all, null, String.valueOf(head + 1), "asOf", "log's end", "position " + head);
    assertRefused(all, null, "2027-01-01T00:00:01Z", "asOf", "to come");
    assertRefused(all, null, "yesterday", "asOf", "a position of the log, or a time");

    String now = all.page().apply(null, null).nextCursor();
    String then = all.page().apply(null, "90").nextCursor();
    assertRefused(all, now, "90", "cursor", "as it is now");
    assertRefused(all, then, "91", "cursor", "at position 91", "as of position 90");
    assertRefused(all, then, null, "cursor", "as of position 90");
  }

  private static void assertRefused(
      Query query, @Nullable String cursor, @Nullable String asOf, String... words) {
    assertThatThrownBy(() -> query.page().apply(cursor, asOf))
        .isInstanceOf(InvalidField.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void what_was_not_there_yet_is_not_found_and_it_is_told_since_when_it_is() {
    PastTables.Aggregate<?, ?, ?> first = agent("acme");
    first.live(() -> {});
    PastTables.Aggregate<?, ?, ?> second = agent("acme");
    long before = tables.head();
    second.live(() -> {});

    assertThatThrownBy(() -> tables.agents().get("acme", second.id(), String.valueOf(before), null))
        .isInstanceOf(RowNotFound.class)
        .hasMessageContaining(
            "agent %s was not there yet at position %d; it came at position %d"
                .formatted(second.id(), before, before + 1));
    assertThatThrownBy(
            () -> tables.agents().get("other", second.id(), String.valueOf(tables.head()), null))
        .isInstanceOf(RowNotFound.class)
        .hasMessageNotContaining("position " + (before + 1));
  }

  @Test
  void a_page_that_looks_at_many_rows_ends_early_and_its_cursor_goes_on() {
    int many = PastRows.ROWS_A_PAGE + 100;
    tables
        .db()
        .sql(
            """
            insert into views.agents (agent_id, tenant_id, name, role, tools, status, version,
              position, created_position, created_at, updated_at)
            select 'a' || n, 'acme', 'a', 'r', '[]', 'active', 0, n, n, now(), now()
            from generate_series(1, :many) n
            """)
        .param("many", many)
        .update();
    tables.appendUnheard(many);
    String asOf = String.valueOf(many);
    Query retired = agents("acme", 10, "retired", null);
    Page<?> first = retired.page().apply(null, asOf);
    assertThat(first.items()).isEmpty();
    assertThat(first.nextCursor()).isNotNull();
    assertThat(retired.pages(asOf)).hasSize(2).allSatisfy(page -> assertThat(page).isEmpty());
    assertThat(agents("acme", 500, "active", null).pages(asOf).stream().mapToInt(List::size).sum())
        .isEqualTo(many);
  }

  /** Whatever happens next, in either tenant, to anything or to something new. */
  private void step(Runnable afterEach) {
    String tenantId = one(TENANTS);
    switch (random.nextInt(60)) {
      case 0, 1 -> add(workflows, workflow(tenantId), afterEach);
      case 2 -> add(agents, agent(tenantId), afterEach);
      case 3 -> add(budgets, budget(tenantId), afterEach);
      default -> {
        var of = one(List.of(workflows, workflows, agents, budgets));
        if (!of.isEmpty()) {
          one(of).live(afterEach);
        }
      }
    }
  }

  private static void add(
      List<PastTables.Aggregate<?, ?, ?>> to,
      PastTables.Aggregate<?, ?, ?> aggregate,
      Runnable afterEach) {
    aggregate.live(afterEach);
    to.add(aggregate);
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  private PastTables.Aggregate<WorkflowCommand, Workflow, WorkflowEvent> workflow(String tenantId) {
    WorkflowId id = new WorkflowId(newId());
    RandomRun run = new RandomRun(random.nextLong(), id);
    CreateWorkflow create =
        new CreateWorkflow(
            id,
            "run",
            "do it",
            random.nextBoolean() ? AGENT : null,
            BUDGET,
            Map.of("team", one(TEAMS), "project", "p" + random.nextInt(2)));
    Workflow initial = Workflow.initial();
    return tables.aggregate(
        tenantId,
        id.value(),
        initial,
        Workflow::decide,
        Workflow::evolve,
        state -> state.equals(initial) ? create : run.next(state));
  }

  private PastTables.Aggregate<AgentCommand, Agent, AgentEvent> agent(String tenantId) {
    AgentId id = new AgentId(newId());
    return tables.aggregate(
        tenantId,
        id.value(),
        Agent.initial(),
        Agent::decide,
        Agent::evolve,
        state -> agentCommand(id, state));
  }

  private AgentCommand agentCommand(AgentId id, Agent state) {
    Instant now = PastTables.time(tables.head());
    if (state instanceof Agent.Absent) {
      return new RegisterAgent(id, "bot", "support", null, Abilities.ofTools(List.of("mail")));
    }
    return switch (random.nextInt(12)) {
      case 0 -> new SuspendAgent(id, "too many errors");
      case 1, 2 -> new ActivateAgent(id);
      case 3 -> random.nextInt(8) == 0 ? new RetireAgent(id, "old") : new ActivateAgent(id);
      case 4, 5, 6 -> new ComeOnline(id, now);
      case 7, 8 -> new GoOffline(id, now, now.minusSeconds(1));
      default ->
          new ChangeCapabilities(
              id,
              CAPABILITIES.stream().filter(of -> random.nextBoolean()).toList(),
              null,
              1 + random.nextInt(5),
              null);
    };
  }

  private PastTables.Aggregate<BudgetCommand, Budget, BudgetEvent> budget(String tenantId) {
    BudgetId id = new BudgetId(newId());
    return tables.aggregate(
        tenantId,
        id.value(),
        Budget.initial(),
        Budget::decide,
        Budget::evolve,
        state -> budgetCommand(id, state));
  }

  private BudgetCommand budgetCommand(BudgetId id, Budget state) {
    String reservation = "r" + random.nextInt(20);
    Spend some = new Spend(random.nextInt(40), random.nextInt(400));
    return switch (state instanceof Budget.Absent ? -1 : random.nextInt(14)) {
      case -1 -> new OpenBudget(id, "all", null, new Spend(100, 1_000));
      case 0 -> new ChangeLimit(id, new Spend(50 + random.nextInt(200), 2_000), null);
      case 1 -> new AllocateSlice(id, new BudgetId(newId()), "slice", null, new Spend(5, 50));
      case 2 ->
          random.nextInt(4) == 0 ? new CloseBudget(id) : new ReleaseReservation(id, reservation);
      case 3, 4, 5, 6 -> new SettleReservation(id, reservation, some);
      case 7, 8 -> new ReleaseReservation(id, reservation);
      default -> new ReserveSpend(id, reservation, some);
    };
  }

  private Query query() {
    String tenantId = one(TENANTS);
    int limit = 2 + random.nextInt(10);
    return switch (random.nextInt(6)) {
      case 0 -> {
        var of = workflows.isEmpty() ? null : one(workflows);
        yield of == null ? query(tenantId, limit) : workflow(of.id(), of.tenantId());
      }
      case 1 -> {
        var of = agents.isEmpty() ? null : one(agents);
        yield of == null ? query(tenantId, limit) : agent(of.id(), of.tenantId());
      }
      case 2 -> {
        var of = budgets.isEmpty() ? null : one(budgets);
        yield of == null ? query(tenantId, limit) : budget(of.id(), of.tenantId());
      }
      default -> query(tenantId, limit);
    };
  }

  private Query query(String tenantId, int limit) {
    return switch (random.nextInt(3)) {
      case 0 ->
          workflows(
              tenantId,
              limit,
              random.nextBoolean() ? one(List.of("created", "running", "paused", "failed")) : null,
              random.nextBoolean() ? one(TEAMS) : null,
              random.nextBoolean() ? AGENT.value() : null);
      case 1 ->
          agents(
              tenantId,
              limit,
              random.nextBoolean() ? one(List.of("active", "suspended")) : null,
              random.nextBoolean() ? one(CAPABILITIES) : null);
      default ->
          budgets(
              tenantId,
              limit,
              random.nextBoolean() ? one(List.of("open", "exhausted", "closed")) : null);
    };
  }

  private static Predicate<JsonNode> is(String column, @Nullable String value) {
    return row -> value == null || row.path(column).asString("").equals(value);
  }

  private Query workflows(
      String tenantId,
      int limit,
      @Nullable String status,
      @Nullable String team,
      @Nullable String agentId) {
    String @Nullable [] labels = team == null ? null : new String[] {"team:" + team};
    return new Query(
        "%d workflows of %s, %s, %s, %s".formatted(limit, tenantId, status, team, agentId),
        WorkflowTable.PROJECTION,
        (cursor, asOf) ->
            tables
                .workflows()
                .list(
                    tenantId, limit, cursor, status, agentId, null, labels, null, null, null, null,
                    null, null, null, null, null, null, null, asOf, null),
        is("tenant_id", tenantId)
            .and(is("status", status))
            .and(is("agent_id", agentId))
            .and(row -> team == null || row.path("labels").path("team").asString("").equals(team)));
  }

  private Query agents(
      String tenantId, int limit, @Nullable String status, @Nullable String capability) {
    return new Query(
        "%d agents of %s, %s, %s".formatted(limit, tenantId, status, capability),
        AgentTable.PROJECTION,
        (cursor, asOf) ->
            tables.agents().list(tenantId, limit, cursor, status, capability, asOf, null),
        is("tenant_id", tenantId)
            .and(is("status", status))
            .and(
                row ->
                    capability == null
                        || StreamSupport.stream(row.path("capabilities").spliterator(), false)
                            .anyMatch(of -> of.asString().equals(capability))));
  }

  private Query budgets(String tenantId, int limit, @Nullable String status) {
    return new Query(
        "%d budgets of %s, %s".formatted(limit, tenantId, status),
        BudgetTable.PROJECTION,
        (cursor, asOf) -> tables.budgets().list(tenantId, limit, cursor, status, asOf, null),
        is("tenant_id", tenantId).and(row -> status == null || budgetStatus(row).equals(status)));
  }

  private Query workflow(String id, String tenantId) {
    return one(
        WorkflowTable.PROJECTION,
        "workflow_id",
        id,
        asOf -> tables.workflows().get(tenantId, id, asOf, null));
  }

  private Query agent(String id, String tenantId) {
    return one(
        AgentTable.PROJECTION,
        "agent_id",
        id,
        asOf -> tables.agents().get(tenantId, id, asOf, null));
  }

  private Query budget(String id, String tenantId) {
    return one(
        BudgetTable.PROJECTION,
        "budget_id",
        id,
        asOf -> tables.budgets().get(tenantId, id, asOf, null));
  }

  /** One row by its id, as a page of one or none. */
  private static Query one(
      Projection<?> projection, String column, String id, Function<@Nullable String, ?> get) {
    return new Query(
        "one of " + projection.name() + " " + id,
        projection,
        (cursor, asOf) -> {
          try {
            return new Page<>(List.of(get.apply(asOf)), null);
          } catch (RowNotFound e) {
            return new Page<>(List.of(), null);
          }
        },
        is(column, id));
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What auditors read with SQL, and what they cannot: as their page says, on a server's database.
 */
class AuditorsSqlIT {

  private static final Path PAGE = Path.of("../docs/auditing-with-sql.md");
  private static final Pattern OPERATORS =
      Pattern.compile("```sql operator\n(.*?)```", Pattern.DOTALL);
  private static final Pattern QUESTION =
      Pattern.compile(
          "## ([^\n]+\\?)\n(?:(?!\n## ).)*?```sql\n(.*?)```\n\n((?:\\|[^\n]*\n)*)", Pattern.DOTALL);

  /** Times, digests, and where in the log of all tenants an entry came to stand. */
  private static final Pattern DIFFERS_EACH_TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d([T ][\\d:.]+([+]\\d\\d|Z)?)?|[0-9a-f]{64}");

  private static final List<String> COUNTED_IN_TIME =
      List.of("position", "tenant_position", "entries", "trace_id");

  private static final List<String> VIEWS =
      List.of(
          "events",
          "approvals",
          "tool_calls",
          "spend",
          "access_changes",
          "chain",
          "actors",
          "audits",
          "audit_events");

  private static ServerProcess server;

  @BeforeAll
  static void start() throws Exception {
    server = ServerProcess.start();
    AuditedStory.tell(server);
    Matcher operators = OPERATORS.matcher(Files.readString(PAGE));
    assertThat(operators.find()).isTrue();
    server.asDatabaseOwner(operators.group(1));
    server.asDatabaseOwner(
        """
        create role bert login password 'choose another' in role af_auditor;
        insert into audit.auditors (login, tenant_id) values ('bert', 'globex');
        create role carl login password 'choose another' in role af_auditor;
        """);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** A connection that may write as far as its login may. */
  private static Connection connect(String login) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://localhost:%s/agentflow".formatted(server.databasePort()),
            login,
            "choose another");
    run(connection, "set default_transaction_read_only = off");
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column. */
  private static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  /** As a table of the page, without what differs each time. */
  private static String answer(Connection connection, String sql) throws SQLException {
    String asked =
        sql.replace(":'workflow'", "'018f4e6a-0000-7000-8000-000000000001'")
            .replace(":'agent'", "'018f4e6a-0000-7000-8000-0000000000a1'");
    StringBuilder table = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(asked)) {
      ResultSetMetaData columns = rows.getMetaData();
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        names.add(columns.getColumnLabel(i));
      }
      line(table, names);
      line(table, names.stream().map(name -> "---").toList());
      while (rows.next()) {
        List<String> cells = new ArrayList<>();
        for (String name : names) {
          String value = rows.getString(name);
          cells.add(
              value == null
                  ? ""
                  : COUNTED_IN_TIME.contains(name)
                      ? "…"
                      : DIFFERS_EACH_TIME.matcher(value).replaceAll("…"));
        }
        line(table, cells);
      }
    }
    return table.toString();
  }

  private static void line(StringBuilder table, List<String> cells) {
    table.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static List<String> tenantsShownTo(Connection connection) throws SQLException {
    TreeSet<String> tenants = new TreeSet<>();
    for (String view : VIEWS) {
      List<String> shown = query(connection, "select distinct tenant_id from audit." + view);
      tenants.addAll(shown);
    }
    tenants.addAll(query(connection, "select tenant_id from log.events"));
    tenants.addAll(query(connection, "select tenant_id from log.tenant_heads"));
    return List.copyOf(tenants);
  }

  @TestFactory
  Stream<DynamicTest> each_question_of_the_page_is_answered_as_it_shows() throws IOException {
    String page = Files.readString(PAGE);
    List<DynamicTest> questions = new ArrayList<>();
    Matcher question = QUESTION.matcher(page);
    while (question.find()) {
      String sql = question.group(2);
      String shown = question.group(3);
      questions.add(
          DynamicTest.dynamicTest(
              question.group(1),
              () -> {
                try (Connection anna = connect("anna")) {
                  assertThat(answer(anna, sql)).isEqualTo(shown);
                }
                assertThat(shown.lines().count()).as("rows").isGreaterThan(2);
              }));
    }
    assertThat(questions).hasSize(page.split("```sql\n", -1).length - 1).hasSizeGreaterThan(10);
    return questions.stream();
  }

  @Test
  void each_view_shows_an_auditor_his_tenant_and_nobody_elses() throws SQLException {
    for (String view : VIEWS) {
      try (Connection anna = connect("anna");
          Connection bert = connect("bert")) {
        String tenants = "select distinct tenant_id from audit." + view;
        assertThat(query(anna, tenants)).as(view).containsExactly("acme");
        assertThat(query(bert, tenants)).as(view).containsExactly("globex");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set agentflow.tenant = 'globex'",
        "select set_config('agentflow.tenant', 'globex', false)",
        "set role af_auditor",
        "set role none",
        "reset role",
        "reset all",
        "discard all",
        "set session authorization default",
        "reset session authorization",
        "set search_path = pg_temp, audit, log",
        "create temp table auditors as select 'anna' as login, 'globex' as tenant_id",
        "create temp view tenant as select 'globex' as tenant",
        "set application_name = 'bert'"
      })
  void nothing_that_a_login_may_set_shows_it_another_tenant(String change) throws SQLException {
    try (Connection anna = connect("anna")) {
      run(anna, change);
      assertThat(tenantsShownTo(anna)).containsExactly("acme");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set role agentflow_app",
        "set role agentflow_tenant",
        "set role postgres",
        "set role bert",
        "set session authorization bert",
        "set session authorization postgres",
        "alter role anna superuser",
        "alter role anna bypassrls",
        "grant agentflow_app to anna",
        "grant bert to anna",
        "create role dora",
        "select * from audit.auditors",
        "update audit.auditors set tenant_id = 'globex'",
        "insert into audit.auditors (login, tenant_id) values ('af_auditor', 'globex')",
        "delete from audit.auditors",
        "create or replace function audit.tenant() returns text return 'globex'",
        "create function audit.other() returns text return 'globex'",
        "drop policy auditors_tenant on log.events",
        "alter table log.events disable row level security",
        "create policy more on log.events to anna using (true)",
        "alter view audit.events set (security_invoker = false)",
        "insert into log.events select * from log.events",
        "update log.events set payload = '{}'",
        "delete from log.events",
        "truncate log.events",
        "update log.tenant_heads set tenant_position = 0",
        "begin; lock table log.events",
        "update audit.events set actor = 'somebody'",
        "update audit.events set tenant_id = 'globex'",
        "delete from audit.approvals",
        "select * from log.entries",
        "select * from log.head",
        "select * from log.receipts",
        "select * from log.flyway_history",
        "select * from views.workflows",
        "select * from views.snapshots",
        "select * from views.token_entry",
        "create table public.mine (a int)",
        "create schema mine",
        "create extension dblink",
        "select pg_read_file('/etc/passwd')",
        "select pg_ls_dir('.')",
        "select lo_import('/etc/passwd')",
        "copy (select 1) to '/tmp/auditors-sql-it'",
        "copy (select 1) to program 'true'",
        "do language plpgsql $$ begin execute 'set role postgres'; end $$",
        "select rolpassword from pg_authid",
        "alter system set fsync = off",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'"
      })
  void what_is_not_an_auditors_is_refused(String attempt) throws SQLException {
    try (Connection anna = connect("anna")) {
      assertThatThrownBy(() -> run(anna, attempt))
          .isInstanceOfSatisfying(
              SQLException.class,
              refused ->
                  assertThat(refused.getSQLState())
                      .as("%s", refused)
                      .isIn(
                          "42501" /* insufficient privilege */,
                          "55000" /* a view that cannot be written to */,
                          "0A000" /* a column that cannot */));
    }
  }

  @Test
  void who_wants_rows_without_the_fence_gets_none() throws SQLException {
    try (Connection anna = connect("anna")) {
      run(anna, "set row_security = off");
      assertThatThrownBy(() -> query(anna, "select tenant_id from log.events"))
          .hasMessageContaining("row-level security");
      assertThatThrownBy(() -> query(anna, "select tenant_id from audit.chain"))
          .hasMessageContaining("row-level security");
    }
  }

  /** A condition that costs next to nothing is asked first, unless a fence stands before it. */
  @Test
  void a_function_of_ones_own_is_not_asked_about_rows_of_others() throws SQLException {
    try (Connection anna = connect("anna")) {
      run(
          anna,
          """
          create function pg_temp.tell(what text) returns boolean language plpgsql cost 0.0000001 as $$
          begin raise notice '%', what; return true; end $$
          """);
      for (String from :
          List.of("audit.events", "log.events", "audit.chain", "audit.actors", "audit.audits")) {
        try (Statement statement = anna.createStatement()) {
          statement.execute("select 1 from " + from + " where pg_temp.tell(tenant_id)");
          TreeSet<String> told = new TreeSet<>();
          for (SQLWarning notice = statement.getWarnings();
              notice != null;
              notice = notice.getNextWarning()) {
            told.add(String.valueOf(notice.getMessage()));
          }
          assertThat(told).as(from).containsExactly("acme");
        }
      }
    }
  }

  @Test
  void who_has_no_tenant_or_no_longer_one_is_shown_nothing() throws SQLException {
    try (Connection carl = connect("carl")) {
      assertThat(tenantsShownTo(carl)).isEmpty();
      server.asDatabaseOwner(
          "insert into audit.auditors (login, tenant_id) values ('carl', 'acme')");
      assertThat(tenantsShownTo(carl)).containsExactly("acme");
      server.asDatabaseOwner("delete from audit.auditors where login = 'carl'");
      assertThat(tenantsShownTo(carl)).isEmpty();
    }
  }

  /** So that what is added later is not readable by accident. */
  @Test
  void auditors_may_read_what_the_page_names_and_nothing_else() throws SQLException {
    try (Connection anna = connect("anna")) {
      assertThat(
              query(
                  anna,
                  """
                  select c.oid::regclass::text from pg_class c
                  where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
                    and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
                    and has_schema_privilege('anna', c.relnamespace, 'usage')
                    and has_any_column_privilege('anna', c.oid, 'select, insert, update, references')
                  """))
          .containsExactlyInAnyOrder(
              "log.events",
              "log.tenant_heads",
              "audit.events",
              "audit.approvals",
              "audit.tool_calls",
              "audit.spend",
              "audit.access_changes",
              "audit.chain",
              "audit.actors",
              "audit.audits",
              "audit.audit_events");
    }
  }

  @Test
  void nothing_that_auditors_read_hangs_on_tables_that_may_be_dropped() throws SQLException {
    try (Connection owner = server.connectAsOwner(server.databasePassword())) {
      String uses =
          """
          select distinct used.relnamespace::regnamespace::text
          from pg_rewrite rule
          join pg_class view on view.oid = rule.ev_class
          join pg_depend on pg_depend.objid = rule.oid and pg_depend.refclassid = 'pg_class'::regclass
          join pg_class used on used.oid = pg_depend.refobjid and used.oid <> view.oid
          where view.relnamespace = 'audit'::regnamespace
          """;
      assertThat(query(owner, uses)).containsExactly("log");
    }
  }

  @Test
  void by_sql_an_auditor_finds_an_entry_that_the_databases_owner_altered() throws Exception {
    Matcher question = QUESTION.matcher(Files.readString(PAGE));
    assertThat(question.results().filter(q -> q.group(1).equals("Is the chain whole?")))
        .singleElement()
        .satisfies(
            chain -> {
              assertThat(alterAndAsk("payload = replace(payload, 'Dear', 'Near')", chain.group(2)))
                  .endsWith("| … | 0 | 0 | 2 |\n");
              assertThat(alterAndAsk("prev_hash = sha256(prev_hash)", chain.group(2)))
                  .endsWith("| … | 2 | 0 | 2 |\n");
              assertThat(alterAndAsk("tenant_position = -tenant_position", chain.group(2)))
                  .doesNotContain("| 0 | 0 | 0 |");
            });
  }

  /** Alters where plans were proposed, asks as anna, and takes it back. */
  private static String alterAndAsk(String change, String question) throws SQLException {
    try (Connection owner = server.connectAsOwner(server.databasePassword())) {
      owner.setAutoCommit(false);
      run(
          owner,
          "update log.events set %s where tenant_id = 'acme' and event_type = 'workflow.plan-proposed'"
              .formatted(change));
      run(owner, "set local session authorization anna");
      String answer = answer(owner, question);
      owner.rollback();
      return answer;
    }
  }
}

package io.agentflow.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.application.CurrentTenant;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What is shown to whom, by the database itself. */
class TenantConnectionsIT {

  private static final List<String> TENANTS = List.of("acme", "globex", "initech");

  private TestDatabase database;
  private TenantConnections connections;
  private JdbcClient db;

  @BeforeEach
  void fill() {
    database = TestDatabase.create();
    connections = new TenantConnections(database.tenants(), CurrentTenant::name);
    db = JdbcClient.create(connections);
    TestLog log = new TestLog(database);
    for (String tenant : TENANTS) {
      log.engine().appendEvents(TestLog.events(tenant, "of-" + tenant, 0, 3));
    }
  }

  @AfterEach
  void close() {
    database.close();
  }

  private List<String> shown() {
    return db.sql("select distinct tenant_id from log.events")
        .query((row, number) -> row.getString(1))
        .list();
  }

  private List<String> shownTo(String tenant) {
    try (CurrentTenant _ = CurrentTenant.is(tenant)) {
      return shown();
    }
  }

  @Test
  void who_works_for_no_tenant_is_shown_nothing() {
    assertThat(shown()).isEmpty();
    assertThat(shownTo("acme")).containsExactly("acme");
    assertThat(shown()).as("a connection that showed a tenant's before").isEmpty();
    assertThat(db.sql("select count(*) from log.entries").query(Long.class).single()).isZero();
  }

  @Test
  void an_aggregate_of_another_tenant_is_not_there_however_it_is_asked_for() {
    TenantLog log = new TenantLog(connections);
    try (CurrentTenant _ = CurrentTenant.is("globex")) {
      assertThat(log.ofAggregate("of-acme", -1, 10)).isEmpty();
      assertThat(log.ofAggregate("acme", "of-acme", -1, 10)).isEmpty();
      assertThat(log.ofTenant("acme", 0, 10)).isEmpty();
      assertThat(log.ofAggregate("of-globex", -1, 10)).hasSize(3);
    }
  }

  @Test
  void a_history_of_several_pages_is_read_to_its_end_for_its_tenant() {
    try (TestLog log = new TestLog(database)) {
      log.append("acme", "long", 0, 600);
      PostgresEventStorageEngine engine =
          TestLog.engine(database, new TenantLog(connections), log.writer());
      try (CurrentTenant _ = CurrentTenant.is("acme")) {
        assertThat(engine.readEvents("long", 0).asStream()).hasSize(600);
      }
    }
  }

  @Test
  void a_rollback_does_not_show_the_tenant_before() {
    TransactionTemplate transaction =
        new TransactionTemplate(new DataSourceTransactionManager(connections));
    shownTo("acme");
    try (CurrentTenant _ = CurrentTenant.is("globex")) {
      transaction.executeWithoutResult(
          status -> {
            assertThat(shown()).containsExactly("globex");
            status.setRollbackOnly();
          });
    }
    assertThat(shownTo("acme")).containsExactly("acme");
    assertThat(shownTo("globex")).containsExactly("globex");
  }

  @Test
  void many_threads_for_many_tenants_share_a_few_connections_and_each_sees_its_own()
      throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(12)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Random random = new Random(i);
        readers.add(
            threads.submit(
                () -> {
                  for (int read = 0; read < 200; read++) {
                    String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
                    assertThat(shownTo(tenant)).containsExactly(tenant);
                  }
                }));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
  }

  @Test
  void in_its_name_nothing_of_the_log_is_appended_or_changed() {
    try (CurrentTenant _ = CurrentTenant.is("acme")) {
      for (String change :
          List.of(
              "insert into log.events select * from log.events",
              "update log.events set payload = '{}'",
              "delete from log.events",
              "truncate log.events",
              "update log.head set position = 0",
              "select * from log.tenant_heads",
              "delete from views.workflows",
              "select * from views.token_entry")) {
        assertThatThrownBy(() -> db.sql(change).update())
            .as(change)
            .rootCause()
            .hasMessageContaining("permission denied");
      }
    }
  }

  /** So that a table which is added later is not forgotten. */
  @Test
  void whatever_the_role_may_read_has_row_security_and_shows_nothing_to_nobody() {
    List<String> readable =
        JdbcClient.create(database.owner())
            .sql(
                """
                select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('log', 'views') and c.relkind in ('r', 'v', 'm', 'p')
                  and has_table_privilege('agentflow_tenant', c.oid, 'select')
                """)
            .query((row, number) -> row.getString(1))
            .list();
    assertThat(readable).contains("log.events", "log.receipts", "views.workflows", "views.budgets");
    for (String table : readable) {
      boolean fenced =
          JdbcClient.create(database.owner())
              .sql(
                  """
                  select relrowsecurity or 'security_invoker=true' = any(coalesce(reloptions, '{}'))
                  from pg_class where oid = cast(:table as regclass)
                  """)
              .param("table", table)
              .query(Boolean.class)
              .single();
      assertThat(fenced).as(table).isTrue();
      assertThat(db.sql("select count(*) from " + table).query(Long.class).single())
          .as(table)
          .isZero();
    }
  }

  @Test
  void a_receipt_is_kept_and_found_for_its_tenant_alone() {
    String insert =
        """
        insert into log.receipts (tenant_id, principal, route, key, payload_digest, status, expires_at)
        values ('acme', 'ada', 'POST /v1/x', 'k', '', 200, now() + interval '1 hour')
        """;
    try (CurrentTenant _ = CurrentTenant.is("globex")) {
      assertThatThrownBy(() -> db.sql(insert).update())
          .rootCause()
          .hasMessageContaining("row-level security");
    }
    try (CurrentTenant _ = CurrentTenant.is("acme")) {
      assertThat(db.sql(insert).update()).isOne();
    }
    try (CurrentTenant _ = CurrentTenant.is("globex")) {
      assertThat(db.sql("select count(*) from log.receipts").query(Long.class).single()).isZero();
      assertThat(db.sql("delete from log.receipts").update()).isZero();
    }
  }
}

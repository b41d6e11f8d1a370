package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.eventstore.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What the database finds by words, by which index, and for whom. */
class SearchIT {

  private final TestDatabase database = TestDatabase.create();
  private Connection connection;
  private JdbcClient tenant;

  @BeforeEach
  void open() throws SQLException {
    connection = database.tenants().getConnection();
    tenant = JdbcClient.create(new SingleConnectionDataSource(connection, true));
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private void is(String tenantId) {
    tenant
        .sql("select set_config('agentflow.tenant', ?, false)")
        .param(tenantId)
        .query()
        .singleRow();
  }

  private void say(String tenantId, String workflowId, String messageId, String content) {
    JdbcClient.create(database.application())
        .sql(
            """
            insert into views.messages (
              workflow_id, message_id, tenant_id, role, sender, recipient, content, tokens,
              micro_dollars, version, position, created_position, created_at, updated_at)
            select :workflowId, :messageId, :tenantId, 'user', 'ann', 'bob', :content, 0, 0, 0, next,
              next, now(), now()
            from (select coalesce(max(position), 0) + 1 as next from views.messages)
            """)
        .param("workflowId", workflowId)
        .param("messageId", messageId)
        .param("tenantId", tenantId)
        .param("content", content)
        .update();
  }

  private List<String> found(String text) {
    return found(text, null);
  }

  private List<String> found(String text, @Nullable String workflowId) {
    return texts(
        tenant
            .sql(
                "select message_id from views.messages_with(:query, cast(:id as text), null, 1000000, 500)")
            .param("query", SearchText.of("text", text).query())
            .param("id", workflowId));
  }

  private List<String> workflowsWithSecret() {
    return texts(tenant.sql("select views.workflows_with('\"secret\"')"));
  }

  private static List<String> texts(StatementSpec statement) {
    return statement.query((row, number) -> row.getString(1)).list();
  }

  /** As many as nobody wants to look through, by one statement. */
  private void sayMuch(String tenantId, int messages) {
    JdbcClient.create(database.application())
        .sql(
            """
            insert into views.messages (
              workflow_id, message_id, tenant_id, role, sender, recipient, content, tokens,
              micro_dollars, version, position, created_position, created_at, updated_at)
            select 'much-' || n % 100, 'n-' || n, :tenantId, 'user', 'ann', 'bob',
              'the flight ' || md5(n::text) || ' is ' || case when n % 1000 = 0 then 'rare' else 'late' end,
              0, 0, n, n, n, now(), now()
            from generate_series(1, :messages) n
            """)
        .param("tenantId", tenantId)
        .param("messages", messages)
        .update();
    database.asOwner("vacuum analyze views.messages");
  }

  @Test
  void words_are_runs_of_letters_and_digits_in_any_language_and_case() {
    is("acme");
    say("acme", "w", "m-1", "Größe “M”? See /var/log/booking.log, or ask a.b@example.org — 日本語");
    say("acme", "w", "m-2", "GRÖSSE; İstanbul; ÉCOLE; ٣٤; user_id=mia_li_3668 <b>bold</b>");
    for (String text :
        List.of("größe", "GRÖßE", "m", "booking", "var/log", "example.org", "log or 日本語")) {
      assertThat(found(text)).as(text).containsExactly("m-1");
    }
    for (String text :
        List.of("grösse", "istanbul", "İSTANBUL", "école", "٣٤", "3668", "mia_li_3668", "b bold")) {
      assertThat(found(text)).as(text).containsExactly("m-2");
    }
    assertThat(found("ask or école")).containsExactly("m-2", "m-1");
    for (String text : List.of("gr", "log/var", "\"m see var log booking example\"", "mia_3668")) {
      assertThat(found(text)).as(text).isEmpty();
    }
  }

  /** PostgreSQL refuses words that are too many: what cannot be indexed would stop the table. */
  @Test
  void any_message_that_may_be_recorded_gets_its_words() {
    is("acme");
    int i = 0;
    for (String sign : List.of("x", "x ", "ab-", "a.b/c@d ", "😀", "é ", "日本語 ", "1e9 ", "<a> ")) {
      say("acme", "long", "m-" + i++, "first " + sign.repeat(1_000_000 / sign.length() - 10));
    }
    StringBuilder different = new StringBuilder("first ");
    for (int word = 0; different.length() < 900_000; word++) {
      different.append(Integer.toString(word, 36)).append('é').append(' ');
    }
    say("acme", "long", "m-" + i++, different.append("last").toString());
    assertThat(found("first")).hasSize(i);
    assertThat(found("last")).as("behind the 50,000 characters that count").isEmpty();
  }

  @Test
  void another_tenants_messages_are_not_found_and_nobody_finds_anything() {
    say("acme", "of-acme", "m-1", "the secret is green");
    say("globex", "of-globex", "m-2", "the secret is red");
    is("acme");
    assertThat(found("secret")).containsExactly("m-1");
    assertThat(found("red or -green or secret")).containsExactly("m-1");
    assertThat(found("secret", "of-globex")).isEmpty();
    assertThat(found("tenant:globex or globex or secret")).containsExactly("m-1");
    is("globex");
    assertThat(found("secret")).containsExactly("m-2");
    assertThat(workflowsWithSecret()).containsExactly("of-globex");
    for (String nobody : List.of("", "acme' | 'tenant:globex", "%", "a\"b")) {
      is(nobody);
      assertThat(found("secret")).as(nobody).isEmpty();
      assertThat(workflowsWithSecret()).as(nobody).isEmpty();
    }
    tenant.sql("reset agentflow.tenant").update();
    assertThat(found("secret")).isEmpty();
  }

  @Test
  void only_the_tenants_role_may_ask_the_functions_that_no_policy_fences() {
    for (String function :
        List.of("messages_with(text, text, text, bigint, integer)", "workflows_with(text)")) {
      assertThat(
              texts(
                  JdbcClient.create(database.owner())
                      .sql(
                          """
                          select rolname from pg_roles
                          where not rolsuper and rolname !~ '^pg_'
                            and has_function_privilege(rolname, 'views.' || ?, 'execute')
                          """)
                      .param(function)))
          .as(function)
          .containsExactly("agentflow_tenant");
    }
    JdbcClient application = JdbcClient.create(database.application());
    assertThatThrownBy(
            () -> application.sql("select views.workflows_with('x')").query().listOfRows())
        .rootCause()
        .hasMessageContaining("permission denied");
  }

  private long scansOf(String index) {
    // Counts are told with a delay, unless one asks for them.
    tenant.sql("select pg_stat_force_next_flush()").query().singleRow();
    tenant.sql("select 1").query().singleRow();
    return JdbcClient.create(database.owner())
        .sql("select idx_scan from pg_stat_user_indexes where indexrelname = ?")
        .param(index)
        .query(Long.class)
        .single();
  }

  @Test
  void what_is_rare_is_found_by_the_index_of_words_and_what_is_not_from_the_end() {
    sayMuch("acme", 20_000);
    is("acme");

    long before = scansOf("messages_by_words");
    assertThat(found("rare")).hasSize(20).startsWith("n-20000").endsWith("n-1000");
    assertThat(texts(tenant.sql("select views.workflows_with('\"rare\"')")))
        .containsExactly("much-0");
    assertThat(scansOf("messages_by_words")).isEqualTo(before + 2);

    assertThat(found("flight")).hasSize(500).startsWith("n-20000");
    assertThat(scansOf("messages_by_words")).isEqualTo(before + 2);
    assertThat(scansOf("messages_newest_first")).isPositive();
  }

  /** The same under the policies alone, to show what the functions are for. */
  @Test
  void under_row_security_alone_no_index_would_serve_words() {
    sayMuch("acme", 2_000);
    is("acme");
    String query =
        "select message_id from views.messages where words @@ websearch_to_tsquery('simple', 'rare')";
    assertThat(texts(tenant.sql("explain " + query)))
        .noneMatch(line -> line.contains("messages_by_words"));
  }
}

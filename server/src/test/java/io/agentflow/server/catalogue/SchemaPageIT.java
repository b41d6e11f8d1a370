package io.agentflow.server.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The page about the database's schema says what the migrated database has. */
class SchemaPageIT {

  private static final Path PAGE = Path.of("../docs/schema.md");

  private static TestDatabase database;

  @BeforeAll
  static void migrate() {
    database = TestDatabase.create();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  private static String page() {
    return new SchemaPage(JdbcClient.create(database.owner())).text();
  }

  @Test
  @EnabledIfSystemProperty(named = "agentflow.renew-catalogue", matches = "true")
  void renew() throws IOException {
    Files.writeString(PAGE, page());
  }

  @Test
  void the_page_is_as_the_database_is() throws IOException {
    assertThat(Files.readString(PAGE)).as("./dev catalogue writes it anew").isEqualTo(page());
  }

  @Test
  void each_table_view_and_column_says_what_it_is() {
    assertThat(
            JdbcClient.create(database.owner())
                .sql(
                    """
                    select c.oid::regclass || coalesce('.' || a.attname, '')
                    from pg_class c
                    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                    where c.relnamespace::regnamespace::text in ('log', 'audit', 'views')
                      and c.relkind in ('r', 'v') and c.relname <> 'flyway_history'
                      and (obj_description(c.oid, 'pg_class') is null
                           or col_description(c.oid, a.attnum) is null)
                    """)
                .query((row, number) -> row.getString(1))
                .list())
        .isEmpty();
  }
}

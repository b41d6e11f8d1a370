package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.bench.Load.Work;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/**
 * What PostgreSQL itself does with rows of the log: the same columns, the same indexes, the same
 * sizes, but nothing looked up, chained or waited for. The limit of every store on it.
 */
final class RawInserts {

  private static final String INSERT =
      """
      insert into public.raw_events
      select position, 'bench', position, event_id::uuid, 'workflow', event_id, 0, 'workflow.noted',
             1, now(), metadata, payload, hash, hash
      from unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::bytea[])
        as entry(position, event_id, metadata, payload, hash)
      """;
  private static final String METADATA = "{\"actor\":\"tester\"}";

  private final DataSource dataSource;
  private final String payload;
  private final AtomicLong position = new AtomicLong();

  RawInserts(DataSource owner, DataSource application, String payload) throws SQLException {
    this.dataSource = application;
    this.payload = payload;
    try (Connection connection = owner.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          create table public.raw_events (like log.events including all);
          grant insert on public.raw_events to agentflow_app
          """);
    }
  }

  /** Inserts so many rows in one statement and commits. */
  Work rows(int rows) {
    return () -> {
      long first = position.getAndAdd(rows);
      try (Connection connection = dataSource.getConnection();
          PreparedStatement statement = connection.prepareStatement(INSERT)) {
        statement.setArray(1, array(connection, "int8", rows, i -> first + i + 1, Long[]::new));
        statement.setArray(2, array(connection, "text", rows, i -> id(), String[]::new));
        statement.setArray(3, array(connection, "text", rows, i -> METADATA, String[]::new));
        statement.setArray(4, array(connection, "text", rows, i -> payload, String[]::new));
        statement.setArray(5, array(connection, "bytea", rows, i -> new byte[32], byte[][]::new));
        statement.executeUpdate();
      }
    };
  }

  private static <T> java.sql.Array array(
      Connection connection, String type, int rows, IntFunction<T> value, IntFunction<T[]> array)
      throws SQLException {
    return connection.createArrayOf(type, IntStream.range(0, rows).mapToObj(value).toArray(array));
  }

  private static String id() {
    return UuidCreator.getTimeOrderedEpochFast().toString();
  }

  /** The same rows by COPY. */
  Work copy(int rows) {
    return () -> {
      long first = position.getAndAdd(rows);
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < rows; i++) {
        long at = first + i + 1;
        String id = id();
        text.append(at)
            .append("\tbench\t")
            .append(at)
            .append('\t')
            .append(id)
            .append("\tworkflow\t")
            .append(id)
            .append("\t0\tworkflow.noted\t1\t2026-01-01T00:00:00Z\t{\"actor\":\"tester\"}\t")
            .append(payload)
            .append("\t\\\\x")
            .append("00".repeat(32))
            .append("\t\\\\x")
            .append("00".repeat(32))
            .append('\n');
      }
      try (Connection connection = dataSource.getConnection()) {
        new CopyManager(connection.unwrap(BaseConnection.class))
            .copyIn("copy public.raw_events from stdin", new java.io.StringReader(text.toString()));
      }
    };
  }
}

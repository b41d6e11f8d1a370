package io.agentflow.eventstore.simulation;

import io.agentflow.eventstore.Hash;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.JdbcTemplate;

/** The projection under test: one row an aggregate, folded event by event. */
public final class FoldedTable {

  static final String PROCESSOR = "folded";

  /** Made by the owner: the application may not. */
  static final String CREATE =
      """
      create table views.folded (
        aggregate_id text primary key, events bigint not null, amount bigint not null, digest text not null);
      grant select, insert, update on views.folded to agentflow_app
      """;

  static final String ALL = "select aggregate_id, events, amount, digest from views.folded";

  private final JdbcTemplate database;

  FoldedTable(DataSource dataSource) {
    database = new JdbcTemplate(dataSource);
  }

  @EventHandler
  void on(Moved moved, DomainEventMessage<Moved> event) {
    Folded before =
        database
            .query(
                ALL + " where aggregate_id = ?",
                (row, i) -> read(row),
                event.getAggregateIdentifier())
            .stream()
            .findFirst()
            .orElse(Folded.NOTHING);
    Folded after =
        before.with(
            UUID.fromString(event.getIdentifier()), event.getSequenceNumber(), moved.amount());
    database.update(
        """
        insert into views.folded (aggregate_id, events, amount, digest) values (?, ?, ?, ?)
        on conflict (aggregate_id) do update
          set events = excluded.events, amount = excluded.amount, digest = excluded.digest
        """,
        event.getAggregateIdentifier(),
        after.events(),
        after.amount(),
        after.digest().hex());
  }

  static Folded read(ResultSet row) throws SQLException {
    return new Folded(
        row.getLong("events"), row.getLong("amount"), Hash.ofHex(row.getString("digest")));
  }
}

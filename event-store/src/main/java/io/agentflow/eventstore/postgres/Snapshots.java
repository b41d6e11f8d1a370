package io.agentflow.eventstore.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * States of aggregates, so that long histories need not be folded from their beginning. Never
 * truth: a snapshot that cannot be read, that other code has taken, or whose entry the log does not
 * have is passed over, and the next one replaces it.
 */
public final class Snapshots {

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private static final String FIND =
      """
      select s.sequence_number, s.state_type, s.state, e.aggregate_type
      from views.snapshots s
      join log.events e on e.aggregate_id = s.aggregate_id
        and e.sequence_number = s.sequence_number and e.hash = s.entry_hash
      where s.aggregate_id = ? and s.code = ?
      """;

  private static final String STORE =
      """
      insert into views.snapshots (
        aggregate_id, sequence_number, entry_hash, code, state_type, state)
      select e.aggregate_id, e.sequence_number, e.hash, ?, ?, ?
      from log.events e where e.aggregate_id = ? and e.sequence_number = ?
      on conflict (aggregate_id) do update
        set sequence_number = excluded.sequence_number, entry_hash = excluded.entry_hash,
            code = excluded.code, state_type = excluded.state_type, state = excluded.state
        where excluded.code <> snapshots.code
           or excluded.sequence_number >= snapshots.sequence_number
      """;

  private final DataSource dataSource;
  private final DataSource tenantData;
  private final Serializer states;
  private final String code;

  /**
   * Snapshots of the states that this code folds.
   *
   * @param dataSource to store them
   * @param tenantData to find them, on connections that show one tenant's
   * @param states writes the states of aggregates as JSON and reads them
   * @param code changes whenever the code changes that folds events to states
   */
  public Snapshots(DataSource dataSource, DataSource tenantData, Serializer states, String code) {
    this.dataSource = dataSource;
    this.tenantData = tenantData;
    this.states = states;
    this.code = code;
  }

  Serializer serializer() {
    return states;
  }

  /** The aggregate's state as of some version; empty when there is none that can be used. */
  Optional<DomainEventMessage<?>> find(String aggregateId) {
    try (Connection connection = tenantData.getConnection();
        PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, aggregateId);
      statement.setString(2, code);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(snapshot(aggregateId, row)) : Optional.empty();
      }
    } catch (SQLException | RuntimeException e) {
      LOG.warn("the snapshot of {} is passed over: {}", aggregateId, e.toString());
      return Optional.empty();
    }
  }

  private DomainEventMessage<?> snapshot(String aggregateId, ResultSet row) throws SQLException {
    Object state =
        states.deserialize(
            new SimpleSerializedObject<>(row.getString(3), String.class, row.getString(2), null));
    return new GenericDomainEventMessage<>(
        row.getString(4), aggregateId, row.getLong(1), Objects.requireNonNull(state));
  }

  /** Keeps a state, unless a later one is kept already. */
  void store(DomainEventMessage<?> snapshot) {
    SerializedObject<String> state = snapshot.serializePayload(states, String.class);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(STORE)) {
      statement.setString(1, code);
      statement.setString(2, state.getType().getName());
      statement.setString(3, state.getData());
      statement.setString(4, snapshot.getAggregateIdentifier());
      statement.setLong(5, snapshot.getSequenceNumber());
      statement.executeUpdate();
    } catch (SQLException e) {
      LOG.warn(
          "the snapshot of {} is not kept: {}", snapshot.getAggregateIdentifier(), e.toString());
    }
  }
}

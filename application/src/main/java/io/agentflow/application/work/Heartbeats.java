package io.agentflow.application.work;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;

/**
 * How far leases were prolonged, {@code views.heartbeats}: seen by whichever node looks after the
 * timers. No events, since nothing became true but that a worker is alive; what is lost here costs
 * a lease its last prolongation.
 */
@Component
class Heartbeats implements Chore {

  private static final String PROLONG =
      """
      insert into views.heartbeats (lease_token, lease_until) values (?, ?)
      on conflict (lease_token) do update set lease_until = excluded.lease_until
      """;
  private static final String FORGET =
      "delete from views.heartbeats where lease_until < now() - interval '1 day'";
  private static final String FIND =
      "select lease_until from views.heartbeats where lease_token = ?";

  private final DataSource dataSource;

  Heartbeats(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  void prolong(String leaseToken, Instant until) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement prolong = connection.prepareStatement(PROLONG)) {
      prolong.setString(1, leaseToken);
      prolong.setObject(2, until.atOffset(ZoneOffset.UTC));
      prolong.executeUpdate();
    } catch (SQLException e) {
      throw new DataAccessResourceFailureException("the heartbeat could not be noted", e);
    }
  }

  /** Drops what nobody asks for any more. */
  @Override
  public void run() {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement forget = connection.prepareStatement(FORGET)) {
      forget.executeUpdate();
    } catch (SQLException e) {
      throw new DataAccessResourceFailureException("old heartbeats could not be dropped", e);
    }
  }

  Optional<Instant> leaseUntil(String leaseToken) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, leaseToken);
      try (ResultSet row = find.executeQuery()) {
        return row.next()
            ? Optional.of(row.getObject(1, OffsetDateTime.class).toInstant())
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw new DataAccessResourceFailureException("heartbeats cannot be read", e);
    }
  }
}

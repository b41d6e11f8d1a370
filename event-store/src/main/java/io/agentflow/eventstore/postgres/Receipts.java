package io.agentflow.eventstore.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.Receipt;
import io.agentflow.eventstore.Receipt.Recorded;
import io.agentflow.eventstore.ReceiptKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Receipts as they stand in the log's schema. Those of requests that append something are written
 * by the log's writer; here the others are, and all of them are found and forgotten.
 */
public final class Receipts {

  private static final String FIND =
      """
      select payload_digest, status, aggregate_id, sequence_number, position, hash,
             headers::text, body, expires_at
      from log.receipts
      where tenant_id = ? and principal = ? and route = ? and key = ?
      """;

  private static final String RECORD =
      """
      insert into log.receipts (
        tenant_id, principal, route, key, payload_digest, status, headers, body, expires_at)
      values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)
      on conflict do nothing
      """;

  private static final String FORGET_EXPIRED =
      """
      delete from log.receipts where (tenant_id, principal, route, key) in (
        select tenant_id, principal, route, key from log.receipts
        where expires_at <= ? order by expires_at limit ?)
      """;

  private static final String FORGET =
      """
      delete from log.receipts
      where tenant_id = ? and principal = ? and route = ? and key = ? and expires_at <= ?
      """;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

  private final DataSource tenantData;
  private final DataSource allTenants;

  /**
   * Receipts, found and recorded on connections that show one tenant's, and forgotten on those that
   * show all.
   */
  public Receipts(DataSource tenantData, DataSource allTenants) {
    this.tenantData = tenantData;
    this.allTenants = allTenants;
  }

  /**
   * The receipt under this key, unless it has expired; one that has makes place.
   *
   * @throws LogUnavailable when the database does not answer
   */
  public Optional<Receipt> find(ReceiptKey key, Instant now) {
    try (Connection connection = tenantData.getConnection();
        PreparedStatement statement = connection.prepareStatement(FIND)) {
      bind(statement, key);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        if (row.getObject(9, OffsetDateTime.class).toInstant().isAfter(now)) {
          return Optional.of(receipt(row));
        }
      }
      forget(connection, key, now);
      return Optional.empty();
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static void forget(Connection connection, ReceiptKey key, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
      bind(statement, key);
      statement.setObject(5, now.atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    }
  }

  /**
   * Records what was answered where nothing was appended; a receipt that is there stays.
   *
   * @throws LogUnavailable when the database does not answer
   */
  public void record(
      ReceiptKey key, Hash payloadDigest, Instant expiresAt, int status, Recorded answer) {
    try (Connection connection = tenantData.getConnection();
        PreparedStatement statement = connection.prepareStatement(RECORD)) {
      bind(statement, key);
      statement.setBytes(5, payloadDigest.bytes());
      statement.setInt(6, status);
      statement.setString(7, JSON.writeValueAsString(answer.headers()));
      statement.setString(8, answer.body());
      statement.setObject(9, expiresAt.atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    } catch (SQLException | JsonProcessingException e) {
      throw unavailable(e);
    }
  }

  /**
   * Forgets receipts that have expired, the oldest first.
   *
   * @return how many; fewer than the most when no more are left
   * @throws LogUnavailable when the database does not answer
   */
  public int forgetExpired(Instant now, int receiptsMax) {
    try (Connection connection = allTenants.getConnection();
        PreparedStatement statement = connection.prepareStatement(FORGET_EXPIRED)) {
      statement.setObject(1, now.atOffset(ZoneOffset.UTC));
      statement.setInt(2, receiptsMax);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static void bind(PreparedStatement statement, ReceiptKey key) throws SQLException {
    statement.setString(1, key.tenantId());
    statement.setString(2, key.principal());
    statement.setString(3, key.route());
    statement.setString(4, key.key());
  }

  private static Receipt receipt(ResultSet row) throws SQLException {
    return new Receipt(
        Hash.of(row.getBytes(1)), row.getInt(2), entry(row), recorded(row.getString(7), row));
  }

  private static @Nullable Appended entry(ResultSet row) throws SQLException {
    String aggregateId = row.getString(3);
    return aggregateId == null
        ? null
        : new Appended(aggregateId, row.getLong(4), row.getLong(5), Hash.of(row.getBytes(6)));
  }

  private static @Nullable Recorded recorded(@Nullable String headers, ResultSet row)
      throws SQLException {
    if (headers == null) {
      return null;
    }
    try {
      return new Recorded(JSON.readValue(headers, HEADERS), row.getString(8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a receipt's headers are no JSON object", e);
    }
  }

  private static LogUnavailable unavailable(Exception e) {
    return new LogUnavailable("receipts cannot be read or written: " + e.getMessage(), e);
  }
}

package io.agentflow.eventstore.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Derives a chain with nothing but SQL, string concatenation and {@link MessageDigest}. */
class ChainByHandIT {

  private static final String ROWS =
      """
      select tenant_position, hash, prev_hash,
             '{"aggregateId":"' || aggregate_id || '","aggregateType":"' || aggregate_type
             || '","eventId":"' || event_id || '","eventType":"' || event_type
             || '","eventVersion":' || event_version || ',"metadata":' || metadata
             || ',"occurredAt":"'
             || to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
             || '","payload":' || payload || ',"sequenceNumber":' || sequence_number
             || ',"tenantId":"' || tenant_id || '","tenantPosition":' || tenant_position || '}'
             as record
      from log.events where tenant_id = ? order by tenant_position
      """;

  @Test
  void the_hash_of_each_entry_is_sha_256_over_the_hash_before_it_and_its_record() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        TestLog log = new TestLog(database)) {
      for (int i = 0; i < 10; i++) {
        log.append(i % 2 == 0 ? "acme" : "globex", UUID.randomUUID().toString(), 0, 3);
      }
      for (String tenant : new String[] {"acme", "globex"}) {
        assertThat(verifyByHand(database, tenant)).isEqualTo(15);
      }
    }
  }

  private static long verifyByHand(TestDatabase database, String tenant) throws Exception {
    long entries = 0;
    byte[] previous = new byte[32];
    try (Connection connection = database.owner().getConnection();
        PreparedStatement statement = connection.prepareStatement(ROWS)) {
      statement.setString(1, tenant);
      ResultSet row = statement.executeQuery();
      while (row.next()) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(previous);
        byte[] hash = digest.digest(row.getString("record").getBytes(StandardCharsets.UTF_8));
        assertThat(row.getBytes("prev_hash")).isEqualTo(previous);
        assertThat(row.getBytes("hash")).isEqualTo(hash);
        previous = hash;
        entries++;
        assertThat(row.getLong("tenant_position")).isEqualTo(entries);
      }
    }
    return entries;
  }
}

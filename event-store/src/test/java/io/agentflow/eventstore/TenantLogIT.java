package io.agentflow.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reading on from anywhere, for one tenant among several. */
class TenantLogIT {

  private TestDatabase database;
  private TestLog log;

  @BeforeEach
  void append() {
    database = TestDatabase.create();
    log = new TestLog(database);
    log.append("acme", "a1", 0, 3);
    log.append("other", "o1", 0, 4);
    log.append("acme", "a2", 0, 2);
    log.append("other", "o1", 4, 1);
    log.append("acme", "a1", 3, 1);
  }

  @AfterEach
  void close() {
    log.close();
    database.close();
  }

  private static List<Long> positions(List<LogEntry> entries) {
    return entries.stream().map(LogEntry::position).toList();
  }

  @Test
  void a_tenants_position_is_found_for_every_position_of_the_log() {
    List<Long> expected = List.of(0L, 1L, 2L, 3L, 3L, 3L, 3L, 3L, 4L, 5L, 5L, 6L, 6L);

    for (int position = 0; position < expected.size(); position++) {
      assertThat(log.tenantLog().tenantPositionAt("acme", position))
          .as("at %d", position)
          .isEqualTo(expected.get(position));
    }
    assertThat(log.tenantLog().tenantPositionAt("nobody", 7)).isZero();
  }

  @Test
  void a_tenants_entries_follow_its_position_page_by_page() {
    assertThat(positions(log.tenantLog().ofTenant("acme", 2, 2))).containsExactly(3L, 8L);
    assertThat(positions(log.tenantLog().ofTenant("acme", 4, 100))).containsExactly(9L, 11L);
    assertThat(log.tenantLog().ofTenant("acme", 6, 100)).isEmpty();
  }

  @Test
  void an_aggregates_entries_follow_a_position_of_the_log() {
    assertThat(positions(log.tenantLog().ofAggregateBehind("acme", "a1", 2, 100)))
        .containsExactly(3L, 11L);
    assertThat(log.tenantLog().ofAggregateBehind("other", "a1", 0, 100)).isEmpty();
  }
}

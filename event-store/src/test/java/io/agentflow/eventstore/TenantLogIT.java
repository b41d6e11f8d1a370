package io.agentflow.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.TenantLog.Begun;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.time.Instant;
import java.util.ArrayList;
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
  void a_tenants_last_entry_is_found_at_every_position_of_the_log() {
    assertThat(log.tenantLog().lastOfTenant("acme", Long.MAX_VALUE))
        .map(LogEntry::position)
        .hasValue(11L);
    assertThat(log.tenantLog().lastOfTenant("acme", 7)).map(LogEntry::position).hasValue(3L);
    assertThat(log.tenantLog().lastOfTenant("acme", 0)).isEmpty();
    assertThat(log.tenantLog().lastOfTenant("nobody", 7)).isEmpty();
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

  @Test
  void an_aggregates_entries_follow_its_numbers_page_by_page() {
    assertThat(positions(log.tenantLog().ofAggregate("acme", "a1", -1, 2))).containsExactly(1L, 2L);
    assertThat(positions(log.tenantLog().ofAggregate("acme", "a1", 1, 2))).containsExactly(3L, 11L);
    assertThat(positions(log.tenantLog().ofAggregate("acme", "a1", 2, 100))).containsExactly(11L);
    assertThat(log.tenantLog().ofAggregate("acme", "a1", 3, 100)).isEmpty();
    assertThat(log.tenantLog().ofAggregate("other", "a1", -1, 100)).isEmpty();
  }

  @Test
  void the_aggregates_that_began_between_two_positions_are_counted_and_read_page_by_page() {
    database.asOwner(
        """
        update log.events set occurred_at =
          timestamptz '2026-01-01 00:00:00Z' + interval '1 minute' * position""");
    String type = log.tenantLog().ofTenant("acme", 0, 1).getFirst().aggregateType();
    Begun all = new Begun("acme", type, Instant.EPOCH, 0, 6);

    assertThat(log.tenantLog().count(all)).isEqualTo(2);
    assertThat(positions(log.tenantLog().firstEntries(all, 100))).containsExactly(1L, 8L);
    assertThat(positions(log.tenantLog().firstEntries(all, 1))).containsExactly(1L);
    assertThat(positions(log.tenantLog().firstEntries(all.between(1, 6), 100))).containsExactly(8L);
    assertThat(log.tenantLog().count(all.between(1, 3))).isZero();
    Begun late = new Begun("acme", type, Instant.parse("2026-01-01T00:08:00Z"), 0, 6);
    assertThat(positions(log.tenantLog().firstEntries(late, 100))).containsExactly(8L);
    assertThat(log.tenantLog().count(new Begun("acme", "another", Instant.EPOCH, 0, 6))).isZero();
    assertThat(log.tenantLog().count(new Begun("nobody", type, Instant.EPOCH, 0, 6))).isZero();
  }

  @Test
  void an_aggregates_entries_are_read_up_to_a_position_of_the_log() {
    assertThat(positions(log.tenantLog().ofAggregate("acme", "a1", -1, 3, 100)))
        .containsExactly(1L, 2L, 3L);
    assertThat(positions(log.tenantLog().ofAggregate("acme", "a1", 1, 11, 1))).containsExactly(3L);
    assertThat(positions(log.tenantLog().ofAggregate("acme", "a1", 1, 11, 100)))
        .containsExactly(3L, 11L);
    assertThat(log.tenantLog().ofAggregate("other", "a1", -1, 11, 100)).isEmpty();
  }

  /** Clocks differ here by up to half a minute, so that times are not in the entries' order. */
  @Test
  void a_time_is_at_the_last_of_the_tenants_entries_that_occurred_then_or_before() {
    for (int i = 0; i < 40; i++) {
      log.append("acme", "clock" + i, 0, 3);
    }
    database.asOwner(
        """
        update log.events set occurred_at =
          timestamptz '2026-01-01 00:00:00Z' + interval '7 s' * position
            - interval '1 s' * ((position * 17) % 30)
        """);
    List<LogEntry> acme = log.tenantLog().ofTenant("acme", 0, 1_000);
    List<Instant> times = new ArrayList<>(acme.stream().map(LogEntry::occurredAt).toList());
    times.add(Instant.parse("2025-12-31T00:00:00Z"));
    times.add(Instant.parse("2026-12-31T00:00:00Z"));
    boolean isOutOfOrder = false;
    for (Instant time : times) {
      for (Instant at : List.of(time.minusNanos(1_000), time, time.plusNanos(1_000))) {
        List<Long> then =
            acme.stream()
                .filter(entry -> !entry.occurredAt().isAfter(at))
                .map(LogEntry::position)
                .toList();
        long last = then.isEmpty() ? 0 : then.getLast();
        assertThat(log.tenantLog().positionAt("acme", at)).as("at %s", at).isEqualTo(last);
        isOutOfOrder |=
            acme.stream()
                .anyMatch(entry -> entry.position() < last && entry.occurredAt().isAfter(at));
      }
    }
    assertThat(isOutOfOrder).isTrue();
    assertThat(log.tenantLog().positionAt("nobody", times.getLast())).isZero();
  }
}

package io.agentflow.eventstore.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.agentflow.eventstore.verify.Finding.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class ChainVerifierIT {

  private static final long ONE_RANGE = 1_000_000;
  private static final int WORKERS = 3;

  /** The owner can take away what keeps a place from being taken twice, and what a value may be. */
  private static final String UNCONSTRAINED =
      """
      alter table log.events
        drop constraint events_pkey,
        drop constraint events_tenant_position_key,
        drop constraint events_aggregate_sequence_key,
        drop constraint events_event_id_key,
        alter payload drop not null,
        alter event_id drop not null;
      """;

  /** Hashes an entry as its writer would. */
  private static final String HASHED_AGAIN =
      """
      update log.events e set hash = sha256(prev_hash || convert_to(
        '{"aggregateId":' || to_json(aggregate_id) || ',"aggregateType":' || to_json(aggregate_type)
        || ',"eventId":"' || event_id || '","eventType":' || to_json(event_type)
        || ',"eventVersion":' || event_version || ',"metadata":' || metadata
        || ',"occurredAt":"'
        || to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","payload":' || payload || ',"sequenceNumber":' || sequence_number
        || ',"tenantId":' || to_json(tenant_id) || ',"tenantPosition":' || tenant_position || '}',
        'UTF8'))
      """;

  private TestDatabase database;

  @BeforeEach
  void appendTwentyEntriesOfOneTenantAndFiveOfAnother() {
    database = TestDatabase.create();
    try (TestLog log = new TestLog(database)) {
      log.append("acme", UUID.randomUUID().toString(), 0, 10);
      log.append("globex", UUID.randomUUID().toString(), 0, 5);
      log.append("acme", UUID.randomUUID().toString(), 0, 10);
    }
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  private Verification verify(long entriesPerRange) {
    return new ChainVerifier(database.application(), WORKERS, entriesPerRange).verifyAll();
  }

  /** What one range says, after making sure that many ranges say the same. */
  private Verification verify() {
    Verification whole = verify(ONE_RANGE);
    for (long entriesPerRange : new long[] {1, 6, 7, 19}) {
      assertThat(said(verify(entriesPerRange)))
          .as("by ranges of %d entries", entriesPerRange)
          .isEqualTo(said(whole));
    }
    return whole;
  }

  private record Said(String tenantId, boolean valid, long entries, @Nullable Finding finding) {}

  /** All but the times. */
  private static List<Said> said(Verification verification) {
    List<Said> said = new ArrayList<>();
    for (TenantVerification tenant : verification.tenants()) {
      said.add(new Said(tenant.tenantId(), tenant.valid(), tenant.entries(), tenant.finding()));
    }
    said.add(new Said("all", verification.valid(), verification.entries(), verification.finding()));
    return said;
  }

  private static TenantVerification of(String tenantId, Verification verification) {
    return verification.tenants().stream()
        .filter(tenant -> tenant.tenantId().equals(tenantId))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void an_untouched_log_is_whole() {
    Verification verification = verify();
    assertThat(verification.valid()).isTrue();
    assertThat(verification.entries()).isEqualTo(25);
    assertThat(verification.tenants())
        .extracting(TenantVerification::tenantId)
        .containsExactly("acme", "globex");
    assertThat(verification.tenants()).allMatch(tenant -> tenant.firstBrokenPosition() == null);
  }

  @Test
  void an_empty_log_is_whole() {
    try (TestDatabase empty = TestDatabase.create()) {
      Verification verification = new ChainVerifier(empty.application()).verifyAll();
      assertThat(verification.valid()).isTrue();
      assertThat(verification.entries()).isZero();
    }
  }

  @Test
  void one_tenant_is_verified_alone() {
    database.asOwner("update log.events set payload = '{}' where position = 7");

    ChainVerifier verifier = new ChainVerifier(database.application(), WORKERS, 3);
    assertThat(verifier.verify("globex").valid()).isTrue();
    assertThat(verifier.verify("globex").entries()).isEqualTo(5);
    assertThat(of("acme", verifier.verify("acme")).firstBrokenPosition()).isEqualTo(7);
    assertThat(verifier.verify("nobody").entries()).isZero();
  }

  /** Position 7 of acme is also position 7 of the log; each change is made by the owner. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "ALTERED_ENTRY | 7 | update log.events set payload = replace(payload, '6', '9') where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set payload = concat(payload, ' ') where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set payload = '' where position = 7",
        "ALTERED_ENTRY | 7 | $unconstrained update log.events set payload = null where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set metadata = replace(metadata, 'tester', 'nobody') where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set occurred_at = occurred_at + interval '1 microsecond' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set occurred_at = 'infinity' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set event_type = 'workflow.other' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set event_version = 2 where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set aggregate_type = 'budget' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set aggregate_id = 'x' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set sequence_number = 1000 where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set event_id = gen_random_uuid() where position = 7",
        "ALTERED_ENTRY | 7 | $unconstrained update log.events set event_id = null where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set hash = sha256('x') where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set hash = 'x' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set prev_hash = sha256('x') where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set prev_hash = '' where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set sequence_number = -1 where position = 7",
        "ALTERED_ENTRY | 7 | update log.events set event_version = 0 where position = 7",
        "ALTERED_ENTRY | 1 | update log.events set payload = '{}' where position = 1",
        "ALTERED_ENTRY | 20 | update log.events set payload = '{}' where position = 25",
        "MISSING_ENTRY | 7 | delete from log.events where position = 7",
        "MISSING_ENTRY | 7 | delete from log.events where position between 7 and 18 and tenant_id = 'acme'",
        "MISSING_ENTRY | 1 | delete from log.events where position = 1",
        "MISSING_ENTRY | 7 | update log.events set tenant_position = 30 where position = 7",
        "MISSING_ENTRY | 7 | update log.events set tenant_id = 'hooli' where position = 7",
        "MISSING_TAIL | 20 | delete from log.events where position = 25",
        "MISSING_TAIL | 11 | delete from log.events where position >= 16",
        "MISSING_TAIL | 1 | delete from log.events where tenant_id = 'acme'",
        "MISPLACED_ENTRY | 8 | update log.events set position = 100 where position = 7",
        "DUPLICATE_POSITION | 7 | $unconstrained insert into log.events select * from log.events where position = 7",
        "DUPLICATE_POSITION | 1 | $unconstrained insert into log.events select * from log.events where position = 1",
        "DUPLICATE_POSITION | 20 | $unconstrained insert into log.events select * from log.events where position = 25",
        "DUPLICATE_POSITION | 7 | $unconstrained update log.events set tenant_position = 7 where position = 8",
        "MISPLACED_ENTRY | 21 | $unconstrained insert into log.events select (jsonb_populate_record(e, '{\"tenant_position\":21}')).* from log.events e where position = 7",
        "HEAD_DIFFERS | 20 | update log.tenant_heads set hash = sha256('x') where tenant_id = 'acme'",
        "HEAD_DIFFERS | 20 | update log.tenant_heads set hash = 'x' where tenant_id = 'acme'",
        "MISPLACED_ENTRY | -7 | update log.events set tenant_position = -7 where position = 7",
        "MISPLACED_ENTRY | 7 | update log.events set position = -7 where position = 7",
        "HEAD_DIFFERS | 20 | update log.tenant_heads set tenant_position = 19 where tenant_id = 'acme'",
        "MISSING_TAIL | 21 | update log.tenant_heads set tenant_position = 9223372036854775807 where tenant_id = 'acme'",
        "HEAD_DIFFERS | 20 | update log.tenant_heads set tenant_position = -5 where tenant_id = 'acme'",
        "HEAD_DIFFERS | 20 | delete from log.tenant_heads where tenant_id = 'acme'"
      })
  void a_change_is_found_and_its_first_broken_entry_named(
      Kind kind, long tenantPosition, String change) {
    database.asOwner(change.replace("$unconstrained", UNCONSTRAINED));

    Verification verification = verify();
    assertThat(verification.valid()).isFalse();
    TenantVerification acme = of("acme", verification);
    assertThat(acme.valid()).isFalse();
    assertThat(acme.firstBrokenPosition()).isEqualTo(tenantPosition);
    Finding finding = Objects.requireNonNull(acme.finding());
    assertThat(finding.kind()).isEqualTo(kind);
    assertThat(finding.expected()).isNotEqualTo(finding.found());
    assertThat(of("globex", verification).valid()).as("the other tenant").isTrue();
  }

  @Test
  void swapped_entries_are_found() {
    database.asOwner(
        """
        update log.events
        set tenant_position = 1015 - tenant_position, position = 1015 - position
        where position in (7, 8)
        """);
    database.asOwner(
        """
        update log.events
        set tenant_position = tenant_position - 1000, position = position - 1000
        where position > 1000
        """);

    TenantVerification acme = of("acme", verify());
    assertThat(acme.firstBrokenPosition()).isEqualTo(7);
    assertThat(Objects.requireNonNull(acme.finding()).kind()).isEqualTo(Kind.ALTERED_ENTRY);
  }

  /** Who recomputes one entry's hash breaks the link of the next. */
  @Test
  void a_single_entry_that_was_hashed_again_breaks_the_link_behind_it() {
    database.asOwner(
        "update log.events set payload = '{\"amount\":99,\"text\":\"forged\"}' where position = 7");
    database.asOwner(HASHED_AGAIN + "where position = 7");

    TenantVerification acme = of("acme", verify());
    assertThat(acme.firstBrokenPosition()).isEqualTo(8);
    assertThat(Objects.requireNonNull(acme.finding()).kind()).isEqualTo(Kind.BROKEN_LINK);
  }

  @Test
  void a_copy_in_the_chain_of_another_tenant_is_found_there() {
    database.asOwner(
        UNCONSTRAINED
            + """
            insert into log.events
            select (jsonb_populate_record(e, '{"tenant_id":"globex","tenant_position":6}')).*
            from log.events e where position = 18
            """);

    Verification verification = verify();
    assertThat(of("acme", verification).valid()).isTrue();
    TenantVerification globex = of("globex", verification);
    assertThat(globex.firstBrokenPosition()).isEqualTo(6);
    assertThat(Objects.requireNonNull(globex.finding()).kind()).isEqualTo(Kind.ALTERED_ENTRY);
  }

  /**
   * The record's bytes and hash stay the same; only where metadata ends and payload begins moves.
   */
  @Test
  void a_record_that_is_split_elsewhere_is_found() {
    database.asOwner(
        """
        insert into log.events values (
          26, 'initech', 1, gen_random_uuid(), 'workflow', 'w', 0, 'workflow.noted', 1,
          '2026-01-01T00:00:00Z', '{"actor":"tester"}',
          '{"a":1,"occurredAt":"2020-02-02T00:00:00.000000Z","payload":{"b":2}}',
          decode(repeat('00', 32), 'hex'), sha256(''));
        """
            + HASHED_AGAIN
            + """
            where position = 26;
            insert into log.tenant_heads
            select tenant_id, tenant_position, hash from log.events where position = 26;
            update log.head set position = 26
            """);
    assertThat(verify().valid()).isTrue();
    database.asOwner(
        """
        update log.events set
          metadata = metadata || ',"occurredAt":"2026-01-01T00:00:00.000000Z","payload":{"a":1',
          occurred_at = '2020-02-02T00:00:00Z',
          payload = '{"b":2}}'
        where position = 26
        """);

    Finding finding = Objects.requireNonNull(of("initech", verify()).finding());
    assertThat(finding.kind()).isEqualTo(Kind.ALTERED_ENTRY);
    assertThat(finding.tenantPosition()).isEqualTo(1);
    assertThat(finding.message()).contains("metadata is not one whole JSON object");
  }

  /** Positions are outside the hashes; that they have no gap is looked at over all chains. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MISSING_ENTRY | 100 | update log.events set position = 100 where position = 25",
        "MISSING_ENTRY | 16 | update log.events set position = 30 where position = 15",
        "DUPLICATE_POSITION | 10 | $unconstrained update log.events set position = 10 where position = 11",
        "MISSING_ENTRY | 16 | delete from log.events where tenant_id = 'globex'; delete from log.tenant_heads where tenant_id = 'globex'",
        "MISSING_TAIL | | update log.head set position = 26",
        "HEAD_DIFFERS | | update log.head set position = 24",
        "HEAD_DIFFERS | | delete from log.head"
      })
  void chains_that_are_whole_make_no_whole_log_when_positions_are_wrong(
      Kind kind, @Nullable Long position, String change) {
    database.asOwner(change.replace("$unconstrained", UNCONSTRAINED));

    Verification verification = verify();
    assertThat(verification.tenants()).allMatch(TenantVerification::valid);
    assertThat(verification.valid()).isFalse();
    Finding finding = Objects.requireNonNull(verification.finding());
    assertThat(finding.kind()).isEqualTo(kind);
    if (kind == Kind.MISSING_ENTRY && change.contains("globex")) {
      assertThat(finding.expected()).isEqualTo("position 11");
    } else {
      assertThat(finding.position()).isEqualTo(position);
    }
  }

  @Test
  void ids_may_be_any_text() {
    try (TestLog log = new TestLog(database)) {
      log.append("odd", "\t\b\f\r\n\u001f/\\\"é\uD83D\uDE00", 0, 9);
    }
    assertThat(verify().valid()).isTrue();

    String tenant = "o'Brien \\ \"ü\"\n\u0001\uD83D\uDE00,\"tenantId\":\"x";
    database.asOwner(
        """
        update log.events set tenant_id = $tenant where tenant_id = 'odd';
        update log.tenant_heads set tenant_id = $tenant where tenant_id = 'odd';
        """
            .replace("$tenant", "'" + tenant.replace("'", "''") + "'"));
    Verification renamed = verify();
    assertThat(of(tenant, renamed).firstBrokenPosition()).isEqualTo(1);
    database.asOwner(HASHED_AGAIN + "where tenant_position = 1 and position = 26");
    assertThat(of(tenant, verify()).firstBrokenPosition()).isEqualTo(2);
  }

  /** A seed makes the log, the range sizes and the change; it is named when the test fails. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void any_byte_that_changes_is_found_by_ranges_of_any_size(long seed) throws SQLException {
    Random random = new Random(seed);
    try (TestLog log = new TestLog(database)) {
      for (int unit = 0; unit < 40; unit++) {
        String tenant = "tenant-" + random.nextInt(6);
        log.append(tenant, UUID.randomUUID().toString(), 0, 1 + random.nextInt(12));
      }
    }
    long entries = verify(ONE_RANGE).entries();
    for (int i = 0; i < 5; i++) {
      long entriesPerRange = 1 + random.nextLong(entries);
      assertThat(said(verify(entriesPerRange)))
          .as("seed %d, ranges of %d", seed, entriesPerRange)
          .isEqualTo(said(verify(ONE_RANGE)));
    }
    for (int i = 0; i < 12; i++) {
      long position = 1 + random.nextLong(entries);
      String column = COLUMNS.get(random.nextInt(COLUMNS.size()));
      long entriesPerRange = 1 + random.nextLong(entries);
      String change = oneByteChanged(column, position, random);
      database.asOwner(
          "create table kept as select * from log.events where position = " + position);
      database.asOwner(change);

      Verification verification = verify(entriesPerRange);
      assertThat(
              verification.tenants().stream()
                  .filter(tenant -> !tenant.valid())
                  .map(tenant -> Objects.requireNonNull(tenant.finding()))
                  .map(finding -> finding.kind() + " " + finding.position())
                  .toList())
          .as("seed %d, ranges of %d, %s", seed, entriesPerRange, change)
          .containsExactly("ALTERED_ENTRY " + position);
      database.asOwner("delete from log.events where position = " + position);
      database.asOwner("insert into log.events select * from kept; drop table kept");
    }
    assertThat(verify(ONE_RANGE).valid()).isTrue();
  }

  private static final List<String> COLUMNS =
      List.of(
          "aggregate_id",
          "aggregate_type",
          "event_type",
          "metadata",
          "payload",
          "prev_hash",
          "hash",
          "event_id",
          "event_version",
          "sequence_number",
          "occurred_at");

  private String oneByteChanged(String column, long position, Random random) throws SQLException {
    String changed =
        switch (column) {
          case "prev_hash", "hash" ->
              "set_byte(%1$s, %2$d, get_byte(%1$s, %2$d) # %3$d)"
                  .formatted(column, random.nextInt(32), 1 << random.nextInt(8));
          case "event_id" ->
              "overlay(event_id::text placing '%s' from 30 for 7)::uuid"
                  .formatted("%07x".formatted(random.nextInt(1 << 28)));
          case "event_version", "sequence_number" -> column + " + 1000";
          case "occurred_at" -> "occurred_at - interval '1 microsecond'";
          default ->
              "overlay(%s placing '~' from %d for 1)"
                  .formatted(column, at(column, position, random));
        };
    return "update log.events set %s = %s where position = %d".formatted(column, changed, position);
  }

  /** A place in the text, from 1. */
  private int at(String column, long position, Random random) throws SQLException {
    try (Connection connection = database.owner().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select length(%s) from log.events where position = %d"
                    .formatted(column, position))) {
      row.next();
      return 1 + random.nextInt(row.getInt(1));
    }
  }

  @Test
  void many_small_tenants_share_ranges() {
    try (TestLog log = new TestLog(database)) {
      for (int i = 0; i < 60; i++) {
        log.append("small-" + i, UUID.randomUUID().toString(), 0, 3);
      }
    }
    assertThat(verify().entries()).isEqualTo(205);
    database.asOwner(
        "update log.events set payload = '{}' where tenant_id like 'small-%' and tenant_position = 2");

    Verification verification = verify();
    assertThat(verification.tenants()).filteredOn(tenant -> !tenant.valid()).hasSize(60);
    assertThat(verification.tenants())
        .filteredOn(tenant -> !tenant.valid())
        .allMatch(tenant -> Objects.equals(tenant.firstBrokenPosition(), 2L));
  }

  @Test
  void all_workers_look_at_one_moment_while_others_append() {
    try (TestLog log = new TestLog(database)) {
      List<Long> reached = new ArrayList<>();
      Verification verification =
          new ChainVerifier(database.application(), WORKERS, 5)
              .verifyAll(
                  (entries, total) -> {
                    assertThat(total).isEqualTo(25);
                    reached.add(entries);
                    log.append("acme", UUID.randomUUID().toString(), 0, 5);
                    log.append("zeta", UUID.randomUUID().toString(), 0, 5);
                  });

      assertThat(verification.valid()).isTrue();
      assertThat(verification.entries()).isEqualTo(25);
      assertThat(reached).isSorted().hasSizeGreaterThanOrEqualTo(5).endsWith(25L);
    }
    assertThat(verify().valid()).isTrue();
  }

  @Test
  void a_pool_with_one_connection_suffices_and_is_given_back_as_it_was() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database.application());
    config.setMaximumPoolSize(1);
    config.setConnectionTimeout(20_000);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      long startNanos = System.nanoTime();
      assertThat(new ChainVerifier(pool, 4, 1).verifyAll().valid()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
          .as("nobody waited for a second connection")
          .isLessThan(Duration.ofSeconds(15));
    }
    assertConnectionsAreAsTheyWere();
  }

  @Test
  void work_that_nobody_waits_for_any_more_ends_and_leaves_clean_connections() throws SQLException {
    assertThatThrownBy(
            () ->
                new ChainVerifier(database.application(), WORKERS, 2)
                    .verifyAll(
                        (entries, total) -> {
                          throw new CancellationException("the client went away");
                        }))
        .isInstanceOf(CancellationException.class);
    assertConnectionsAreAsTheyWere();
  }

  private void assertConnectionsAreAsTheyWere() throws SQLException {
    List<Connection> all = new ArrayList<>();
    try {
      for (long i : LongStream.range(0, 8).toArray()) {
        Connection connection = database.application().getConnection();
        all.add(connection);
        assertThat(connection.getAutoCommit()).as("connection %d", i).isTrue();
        assertThat(connection.isReadOnly()).isFalse();
        try (Statement statement = connection.createStatement();
            ResultSet row =
                statement.executeQuery(
                    """
                    select current_user, current_setting('transaction_isolation'),
                           current_setting('enable_seqscan'), current_setting('enable_sort')
                    """)) {
          row.next();
          assertThat(row.getString(1)).isEqualTo("agentflow_app");
          assertThat(row.getString(2)).isEqualTo("read committed");
          assertThat(row.getString(3)).isEqualTo("on");
          assertThat(row.getString(4)).isEqualTo("on");
        }
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
  }

  @Test
  void a_database_that_does_not_answer_is_told() {
    PGSimpleDataSource nobody = new PGSimpleDataSource();
    nobody.setServerNames(new String[] {"localhost"});
    nobody.setPortNumbers(new int[] {1});
    assertThatThrownBy(() -> new ChainVerifier(nobody).verifyAll())
        .isInstanceOf(LogUnavailable.class);
  }

  @Test
  void a_table_of_another_form_is_told_and_not_judged() {
    database.asOwner("drop view log.entries; alter table log.events drop column hash cascade");
    assertThatThrownBy(() -> new ChainVerifier(database.application()).verifyAll())
        .isInstanceOf(LogUnavailable.class);
  }
}

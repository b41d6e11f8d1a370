package io.agentflow.eventstore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.agentflow.eventstore.verify.Finding.Kind;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainVerifierIT {

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

  private Verification verify() {
    return new ChainVerifier(database.application()).verifyAll();
  }

  @Test
  void an_untouched_log_is_whole() {
    Verification verification = verify();
    assertThat(verification.valid()).isTrue();
    assertThat(verification.entries()).isEqualTo(25);
    assertThat(verification.tenants())
        .extracting(TenantVerification::tenantId)
        .containsExactly("acme", "globex");
  }

  /** Position 7 of acme is also position 7 of the log; each change is made by the owner. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "ALTERED_ENTRY; 7; update log.events set payload = replace(payload, '6', '9') where position = 7",
        "ALTERED_ENTRY; 7; update log.events set payload = payload || ' ' where position = 7",
        "ALTERED_ENTRY; 7; update log.events set metadata = replace(metadata, 'tester', 'nobody') where position = 7",
        "ALTERED_ENTRY; 7; update log.events set occurred_at = occurred_at + interval '1 microsecond' where position = 7",
        "ALTERED_ENTRY; 7; update log.events set event_type = 'workflow.other' where position = 7",
        "ALTERED_ENTRY; 7; update log.events set event_version = 2 where position = 7",
        "ALTERED_ENTRY; 7; update log.events set aggregate_id = 'x' where position = 7",
        "ALTERED_ENTRY; 7; update log.events set event_id = gen_random_uuid() where position = 7",
        "ALTERED_ENTRY; 7; update log.events set hash = sha256('x') where position = 7",
        "ALTERED_ENTRY; 7; update log.events set prev_hash = sha256('x') where position = 7",
        "MISSING_ENTRY; 7; delete from log.events where position = 7",
        "MISSING_ENTRY; 1; delete from log.events where position = 1",
        "MISSING_TAIL; 20; delete from log.events where position = 25",
        "MISSING_TAIL; 11; delete from log.events where position >= 16",
        "MISPLACED_ENTRY; 8; update log.events set position = 100 where position = 7",
        "HEAD_DIFFERS; 20; update log.tenant_heads set hash = sha256('x') where tenant_id = 'acme'"
      })
  void a_change_is_found_and_its_first_broken_entry_named(
      Kind kind, long tenantPosition, String change) {
    database.asOwner(change);

    Verification verification = verify();
    assertThat(verification.valid()).isFalse();
    TenantVerification acme = verification.tenants().getFirst();
    assertThat(acme.firstBrokenPosition()).isEqualTo(tenantPosition);
    Finding finding = Objects.requireNonNull(acme.finding());
    assertThat(finding.kind()).isEqualTo(kind);
    assertThat(finding.expected()).isNotEqualTo(finding.found());
    assertThat(verification.tenants().getLast().valid()).as("the other tenant").isTrue();
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

    assertThat(verify().tenants().getFirst().firstBrokenPosition()).isEqualTo(7);
  }

  /** Who recomputes one entry's hash breaks the link of the next. */
  @Test
  void a_single_entry_that_was_hashed_again_breaks_the_link_behind_it() {
    database.asOwner(
        """
        update log.events set payload = '{"amount":99,"text":"forged"}' where position = 7;
        update log.events e set hash = sha256(prev_hash || convert_to(
          '{"aggregateId":"' || aggregate_id || '","aggregateType":"' || aggregate_type
          || '","eventId":"' || event_id || '","eventType":"' || event_type
          || '","eventVersion":' || event_version || ',"metadata":' || metadata
          || ',"occurredAt":"'
          || to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          || '","payload":' || payload || ',"sequenceNumber":' || sequence_number
          || ',"tenantId":"' || tenant_id || '","tenantPosition":' || tenant_position || '}',
          'UTF8')) where position = 7
        """);

    TenantVerification acme = verify().tenants().getFirst();
    assertThat(acme.firstBrokenPosition()).isEqualTo(8);
    Finding finding = Objects.requireNonNull(acme.finding());
    assertThat(finding.kind()).isEqualTo(Kind.BROKEN_LINK);
  }
}

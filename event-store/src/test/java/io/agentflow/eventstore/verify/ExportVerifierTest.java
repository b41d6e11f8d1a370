package io.agentflow.eventstore.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import io.agentflow.eventstore.verify.Finding.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exports written here by hand, from their description. */
class ExportVerifierTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final long ONE_RANGE = 1 << 30;
  private static final int WORKERS = 3;

  /** Lines of the export: 1 header, 2 heads, 20 entries of acme, 5 of globex. */
  private static final int FIRST_OF_ACME = 4;

  @TempDir private Path folder;
  private List<String> lines = new ArrayList<>();

  @BeforeEach
  void writeAnExportOfTwoTenants() {
    lines = export("acme", 20, "globex", 5);
  }

  private static List<String> export(String first, int firstCount, String second, int secondCount) {
    List<String> entries = new ArrayList<>();
    List<String> heads = new ArrayList<>();
    heads.add(chain(entries, first, firstCount, 1));
    heads.add(chain(entries, second, secondCount, 1 + firstCount));
    List<String> all = new ArrayList<>();
    all.add(
        "{\"format\":\"agentflow-log-export\",\"version\":1,\"entries\":%d,\"tenants\":2,\"headPosition\":%1$d}"
            .formatted(firstCount + secondCount));
    all.addAll(heads);
    all.addAll(entries);
    return all;
  }

  /** Appends a tenant's entries and returns its head. */
  private static String chain(List<String> entries, String tenantId, int count, long position) {
    Hash before = Hash.GENESIS;
    for (int i = 1; i <= count; i++) {
      String record =
          ChainLink.unplacedRecord(
                  "w" + tenantId,
                  "workflow",
                  new UUID(tenantId.hashCode(), i),
                  "workflow.noted",
                  1,
                  "{\"actor\":\"tester\"}",
                  NOON.plusSeconds(i),
                  "{\"text\":\"%s\"}".formatted("é".repeat(i)),
                  i - 1,
                  tenantId)
              .placed(i);
      Hash hash = ChainLink.hash(before, record);
      entries.add(
          "{\"hash\":\"%s\",\"prevHash\":\"%s\",\"position\":%d,\"record\":%s}"
              .formatted(hash, before, position + i - 1, record));
      before = hash;
    }
    StringBuilder quoted = new StringBuilder();
    quoted.append(CanonicalJson.canonicalize("\"" + tenantId.replace("\"", "\\\"") + "\""));
    return "{\"head\":{\"tenantId\":%s,\"tenantPosition\":%d,\"hash\":\"%s\"}}"
        .formatted(quoted, count, before);
  }

  private Path write(String text) {
    try {
      return Files.writeString(folder.resolve("export.ndjson"), text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path write() {
    return write(String.join("\n", lines) + "\n");
  }

  /** What one range says, after making sure that many ranges say the same. */
  private Verification verify() throws IOException {
    Path file = write();
    Verification whole = new ExportVerifier(1, ONE_RANGE).verify(file, Progress.NONE);
    for (long bytesPerRange : new long[] {7, 500, 1_000, 3_333}) {
      Verification byRanges =
          new ExportVerifier(WORKERS, bytesPerRange).verify(file, Progress.NONE);
      assertThat(byRanges.valid()).isEqualTo(whole.valid());
      assertThat(byRanges.entries()).isEqualTo(whole.entries());
      assertThat(byRanges.finding()).isEqualTo(whole.finding());
      assertThat(findings(byRanges)).isEqualTo(findings(whole));
    }
    return whole;
  }

  private static List<Finding> findings(Verification verification) {
    return verification.tenants().stream()
        .map(TenantVerification::finding)
        .filter(Objects::nonNull)
        .toList();
  }

  private void change(int line, String from, String to) {
    String before = lines.get(line - 1);
    assertThat(before).contains(from);
    lines.set(line - 1, before.replace(from, to));
  }

  @Test
  void an_untouched_export_is_whole() throws IOException {
    Verification verification = verify();
    assertThat(verification.valid()).isTrue();
    assertThat(verification.entries()).isEqualTo(25);
    assertThat(verification.tenants())
        .extracting(TenantVerification::tenantId)
        .containsExactly("acme", "globex");
  }

  @Test
  void an_export_without_entries_is_whole() throws IOException {
    lines =
        new ArrayList<>(
            List.of(
                "{\"format\":\"agentflow-log-export\",\"version\":1,\"entries\":0,\"tenants\":0,\"headPosition\":0}"));
    assertThat(verify().valid()).isTrue();
  }

  @Test
  void a_tenant_may_have_any_name() throws IOException {
    lines = export("x\",\"tenantId\":\"y", 3, "", 3);
    Verification verification = verify();
    assertThat(verification.valid()).isTrue();
    assertThat(verification.tenants())
        .extracting(TenantVerification::tenantId)
        .containsExactly("", "x\",\"tenantId\":\"y");
  }

  @Test
  void an_entry_may_be_longer_than_any_buffer() throws IOException {
    List<String> entries = new ArrayList<>();
    Hash before = Hash.GENESIS;
    for (int i = 1; i <= 3; i++) {
      String record =
          ChainLink.unplacedRecord(
                  "w",
                  "workflow",
                  new UUID(1, i),
                  "workflow.noted",
                  1,
                  "{}",
                  NOON,
                  "{\"text\":\"%s\"}".formatted("x".repeat(3_000_000)),
                  i - 1,
                  "acme")
              .placed(i);
      Hash hash = ChainLink.hash(before, record);
      entries.add(
          "{\"hash\":\"%s\",\"prevHash\":\"%s\",\"position\":%d,\"record\":%s}"
              .formatted(hash, before, i, record));
      before = hash;
    }
    lines =
        new ArrayList<>(
            List.of(
                "{\"format\":\"agentflow-log-export\",\"version\":1,\"entries\":3,\"tenants\":1,\"headPosition\":3}",
                "{\"head\":{\"tenantId\":\"acme\",\"tenantPosition\":3,\"hash\":\"%s\"}}"
                    .formatted(before)));
    lines.addAll(entries);

    Path file = write();
    for (long bytesPerRange : new long[] {1_000_000, 4_000_000, ONE_RANGE}) {
      Verification verification =
          new ExportVerifier(WORKERS, bytesPerRange).verify(file, Progress.NONE);
      assertThat(verification.valid()).isTrue();
      assertThat(verification.entries()).isEqualTo(3);
    }
  }

  private void assertFinding(Kind kind, long tenantPosition, String where) throws IOException {
    Verification verification = verify();
    assertThat(verification.valid()).isFalse();
    TenantVerification acme = verification.tenants().getFirst();
    assertThat(acme.tenantId()).isEqualTo("acme");
    assertThat(acme.firstBrokenPosition()).isEqualTo(tenantPosition);
    Finding finding = Objects.requireNonNull(acme.finding());
    assertThat(finding.kind()).isEqualTo(kind);
    assertThat(finding.message()).endsWith(where);
    assertThat(finding.expected()).isNotEqualTo(finding.found());
  }

  @ParameterizedTest
  @CsvSource({
    "tester, nobody",
    "workflow.noted, workflow.other",
    "12:00:07, 12:00:08",
    "ééééééé, eeeeeee",
    "'\"sequenceNumber\":6', '\"sequenceNumber\":7'",
    "'\"eventVersion\":1', '\"eventVersion\":2'"
  })
  void an_edited_record_is_found_with_its_line(String from, String to) throws IOException {
    change(FIRST_OF_ACME + 6, from, to);
    assertFinding(Kind.ALTERED_ENTRY, 7, "(line 10)");
    assertThat(Objects.requireNonNull(verify().tenants().getFirst().finding()).eventId())
        .isEqualTo(new UUID("acme".hashCode(), 7).toString());
  }

  @Test
  void an_edited_hash_is_found() throws IOException {
    change(FIRST_OF_ACME + 6, "{\"hash\":\"", "{\"hash\":\"00");
    String line = lines.get(FIRST_OF_ACME + 5);
    lines.set(FIRST_OF_ACME + 5, line.substring(0, 73) + line.substring(75));
    assertFinding(Kind.ALTERED_ENTRY, 7, "(line 10)");
  }

  @Test
  void an_entry_taken_out_is_found() throws IOException {
    lines.remove(FIRST_OF_ACME + 6 - 1);
    assertFinding(Kind.MISSING_ENTRY, 7, "(line 10)");
  }

  @Test
  void a_first_and_a_last_entry_taken_out_are_found() throws IOException {
    lines.remove(FIRST_OF_ACME + 19 - 1);
    assertFinding(Kind.MISSING_TAIL, 20, "but 20 were appended");
    lines.remove(FIRST_OF_ACME - 1);
    assertFinding(Kind.MISSING_ENTRY, 1, "(line 4)");
  }

  @Test
  void a_doubled_entry_is_found() throws IOException {
    lines.add(FIRST_OF_ACME + 7 - 1, lines.get(FIRST_OF_ACME + 6 - 1));
    assertFinding(Kind.DUPLICATE_POSITION, 7, "(line 11)");
  }

  @Test
  void swapped_entries_are_found() throws IOException {
    lines.add(FIRST_OF_ACME + 6 - 1, lines.remove(FIRST_OF_ACME + 7 - 1));
    assertFinding(Kind.MISSING_ENTRY, 7, "(line 10)");
  }

  @Test
  void an_entry_that_was_hashed_again_breaks_the_link_behind_it() throws IOException {
    String line = lines.get(FIRST_OF_ACME + 6 - 1).replace("tester", "forger");
    Hash before = Hash.ofHex(line.substring(87, 151));
    String record = line.substring(line.indexOf(",\"record\":") + 10, line.length() - 1);
    lines.set(
        FIRST_OF_ACME + 6 - 1,
        "{\"hash\":\"" + ChainLink.hash(before, record) + line.substring(73));
    assertFinding(Kind.BROKEN_LINK, 8, "(line 11)");
  }

  @Test
  void a_head_that_was_changed_is_found() throws IOException {
    change(2, "\"tenantPosition\":20", "\"tenantPosition\":19");
    assertFinding(Kind.HEAD_DIFFERS, 20, "than its writer recorded");
  }

  @Test
  void a_whole_tenant_taken_out_is_found_by_the_positions() throws IOException {
    lines.remove(1);
    lines.subList(2, 2 + 20).clear();
    lines.set(
        0, lines.getFirst().replace("\"entries\":25,\"tenants\":2", "\"entries\":5,\"tenants\":1"));

    Verification verification = verify();
    assertThat(verification.tenants()).allMatch(TenantVerification::valid);
    assertThat(verification.valid()).isFalse();
    assertThat(Objects.requireNonNull(verification.finding()).kind())
        .isEqualTo(Kind.MISPLACED_ENTRY);
  }

  @Test
  void an_export_of_one_tenant_may_have_any_rising_positions() throws IOException {
    lines.remove(1);
    lines.subList(2, 2 + 20).clear();
    lines.set(
        0,
        "{\"format\":\"agentflow-log-export\",\"version\":1,\"tenant\":\"globex\",\"entries\":5,\"tenants\":1,\"headPosition\":25}");
    assertThat(verify().valid()).isTrue();

    change(5, "\"position\":23", "\"position\":21");
    assertThat(findings(verify())).extracting(Finding::kind).containsExactly(Kind.MISPLACED_ENTRY);
  }

  private void assertUnreadable(String text, String message) {
    Path file = write(text);
    for (long bytesPerRange : new long[] {7, 900, ONE_RANGE}) {
      assertThatThrownBy(
              () -> new ExportVerifier(WORKERS, bytesPerRange).verify(file, Progress.NONE))
          .isInstanceOf(UnreadableExport.class)
          .hasMessageContaining(message);
    }
  }

  private String text() {
    return String.join("\n", lines) + "\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "{}\n", "hello", "{\"format\":\"other\",\"version\":1}\n", "\0\0\0\0"})
  void what_is_no_export_is_refused(String text) {
    assertUnreadable(text, "this is no export");
  }

  @Test
  void what_cannot_be_judged_is_refused_with_its_reason() {
    assertUnreadable(text().replace("\"version\":1", "\"version\":2"), "version 2; known is 1");
    assertUnreadable(text().substring(0, text().length() - 1), "cut short");
    assertUnreadable(text().substring(0, text().length() - 400), "cut short");
    assertUnreadable(text().substring(0, 40), "cut short");
    assertUnreadable(
        text().replace("\"tenants\":2", "\"tenants\":3"), "counts 3 heads, but line 4 is none");
    assertUnreadable(text().replace("\"tenants\":2", "\"tenants\":1"), "line 3 is no entry");
    assertUnreadable(text().replace("\"tenants\":2", "\"tenants\":\"x\""), "no number \"tenants\"");
    assertUnreadable(
        text().replace("\"entries\":25", "\"entries\":26"), "counts 26 entries, but there are 25");
    assertUnreadable(text() + "\n", "line 29 is no entry");
    assertUnreadable(text() + "{\"problem\":{}}\n", "line 29 is no entry");
    lines.set(2, lines.get(1));
    assertUnreadable(text(), "line 3 is a second head of acme");
  }

  @Test
  void a_file_that_is_not_there_is_told() {
    assertThatThrownBy(() -> new ExportVerifier().verify(folder.resolve("nowhere"), Progress.NONE))
        .isInstanceOf(NoSuchFileException.class);
  }

  /** Whatever byte is changed: the export is broken or unreadable, never whole. */
  @Test
  void no_byte_of_an_entry_can_change_unseen() throws IOException {
    byte[] untouched = text().getBytes(UTF_8);
    int from = lines.get(0).length() + lines.get(1).length() + lines.get(2).length() + 3;
    long seed = 11;
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      byte[] changed = untouched.clone();
      int at = random.nextInt(from, changed.length);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      Path file = Files.write(folder.resolve("changed.ndjson"), changed);
      boolean whole;
      try {
        whole = new ExportVerifier(1, 2_000).verify(file, Progress.NONE).valid();
      } catch (UnreadableExport e) {
        whole = false;
      }
      assertThat(whole).as("seed %d, byte %d", seed, at).isFalse();
    }
  }

  @Test
  void progress_reaches_the_end() throws IOException {
    List<Long> reached = new ArrayList<>();
    new ExportVerifier(WORKERS, 2_000)
        .verify(
            write(),
            (entries, total) -> {
              assertThat(total).isEqualTo(25);
              reached.add(entries);
            });
    assertThat(reached).isSorted().endsWith(25L).hasSizeGreaterThan(2);
  }
}

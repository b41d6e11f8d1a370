package io.agentflow.application.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.application.StoredEvents;
import io.agentflow.domain.InvalidField;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.ChainLink;
import io.agentflow.eventstore.verify.UnreadableExport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExportedHistoryTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final StoredEvents EVENTS = StoredEvents.ofFiles();

  @TempDir Path folder;

  private static String exported(List<LogEntry> entries) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HistoryExport.write(
        (sequence, limit) ->
            entries.subList(
                (int) sequence + 1, Math.min(entries.size(), (int) sequence + 1 + limit)),
        entries.getLast(),
        out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private ExportedHistory read(String text) throws IOException {
    return ExportedHistory.read(Files.writeString(folder.resolve("run.ndjson"), text), EVENTS);
  }

  private ExportedHistory read(List<String> lines) throws IOException {
    return read(String.join("\n", lines) + "\n");
  }

  @Test
  void what_is_exported_leads_to_the_same_states_at_each_entry() throws IOException {
    long seed = new Random().nextLong();
    for (int i = 0; i < 20; i++) {
      List<LogEntry> entries = RandomHistory.entries(seed + i);
      List<WorkflowState> states = RandomHistory.states(entries);
      ExportedHistory history = read(exported(entries));
      for (LogEntry entry : entries) {
        JsonNode at = JSON.readTree(history.stateAt(Long.toString(entry.position())));
        assertThat(at.path("hash").asString()).isEqualTo(entry.hash().hex());
        assertThat(at.path("state"))
            .as("seed %d", seed + i)
            .isEqualTo(
                JSON.readTree(JSON.writeValueAsString(states.get((int) entry.sequenceNumber()))));
      }
      JsonNode items = JSON.readTree(history.history(null)).path("items");
      assertThat(items).hasSize(entries.size());
      JsonNode last = items.path(items.size() - 1).path("ledTo");
      assertThat(last.path("totalMicroDollars").asLong())
          .isEqualTo(states.getLast().totalMicroDollars());
      assertThat(last.path("status").asString()).isEqualTo(states.getLast().status());
    }
  }

  @Test
  void a_moment_is_a_position_or_a_time() throws IOException {
    List<LogEntry> entries = RandomHistory.eventful(7);
    ExportedHistory history = read(exported(entries));
    LogEntry second = entries.get(1);

    assertThat(history.stateAt(Long.toString(second.position())))
        .contains("\"version\":1")
        .contains(second.hash().hex());
    assertThat(history.stateAt(entries.getLast().occurredAt().toString()))
        .isEqualTo(history.stateAt(null));
    assertThatThrownBy(() -> history.stateAt("0")).isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> history.stateAt("2025-01-01T00:00:00Z"))
        .isInstanceOf(InvalidField.class);
    for (String none : List.of("", "-1", "soon", "2026-13-01T00:00:00Z", "9".repeat(19))) {
      assertThatThrownBy(() -> history.stateAt(none)).as(none).isInstanceOf(InvalidField.class);
    }
    assertThatThrownBy(() -> history.stateAt("+999999999-12-31T23:59:59Z"))
        .isInstanceOf(InvalidField.class);
  }

  /** The position alone is in no hash. */
  @Test
  void whatever_is_altered_but_a_position_is_refused() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String whole = exported(RandomHistory.eventful(seed));
    for (int i = 0; i < 400; i++) {
      int at = random.nextInt(whole.length() - 1);
      String line = whole.substring(whole.lastIndexOf('\n', at - 1) + 1, whole.indexOf('\n', at));
      int column = at - whole.lastIndexOf('\n', at - 1) - 1;
      int position = line.indexOf("\"position\":");
      if (position >= 0 && column >= position && column < line.indexOf(",\"record\":")) {
        continue;
      }
      char now = (char) ('0' + random.nextInt(60));
      if (whole.charAt(at) == now) {
        continue;
      }
      String altered = whole.substring(0, at) + now + whole.substring(at + 1);
      assertThatThrownBy(() -> read(altered))
          .as("seed %d: %s in column %d of %s", seed, now, column, line)
          .isInstanceOf(UnreadableExport.class);
    }
  }

  @Test
  void lines_that_are_missing_doubled_or_swapped_are_refused() throws IOException {
    List<String> lines = exported(RandomHistory.eventful(3)).lines().toList();
    assertThat(lines).hasSizeGreaterThan(8);
    for (int i = 0; i < lines.size(); i++) {
      int line = i;
      List<String> without = new ArrayList<>(lines);
      without.remove(line);
      assertThatThrownBy(() -> read(without)).isInstanceOf(UnreadableExport.class);
      List<String> doubled = new ArrayList<>(lines);
      doubled.add(line, lines.get(line));
      assertThatThrownBy(() -> read(doubled)).isInstanceOf(UnreadableExport.class);
      if (line > 0) {
        List<String> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, line, line - 1);
        assertThatThrownBy(() -> read(swapped)).isInstanceOf(UnreadableExport.class);
      }
    }
  }

  @Test
  void a_refusal_names_the_line_what_was_expected_and_what_was_found() throws IOException {
    List<LogEntry> entries = RandomHistory.eventful(5);
    List<String> lines = new ArrayList<>(exported(entries).lines().toList());
    String forged = lines.get(1).replace("ship", "shop");
    lines.set(1, forged);
    String record = forged.substring(forged.indexOf("\"record\":") + 9, forged.length() - 1);

    assertThatThrownBy(() -> read(lines))
        .hasMessageContaining("line 2")
        .hasMessageContaining(
            "expected the hash " + ChainLink.hash(entries.getFirst().prevHash(), record).hex())
        .hasMessageContaining("found " + entries.getFirst().hash().hex());
  }

  /** What docs/histories.md says: hashes are no signatures. */
  @Test
  void an_entry_that_was_written_anew_with_its_hash_is_found_by_its_neighbour_alone()
      throws IOException {
    List<LogEntry> entries = RandomHistory.eventful(5);
    for (LogEntry entry : entries) {
      int i = (int) entry.sequenceNumber();
      List<String> lines = new ArrayList<>(exported(entries).lines().toList());
      String record = ChainLink.record(entry).replace("\"actor\":\"ann\"", "\"actor\":\"eve\"");
      String forged =
          "{\"hash\":\"%s\",\"prevHash\":\"%s\",\"position\":%d,\"record\":%s}"
              .formatted(
                  ChainLink.hash(entry.prevHash(), record).hex(),
                  entry.prevHash().hex(),
                  entry.position(),
                  record);
      lines.set(i + 1, forged);
      boolean neighbour =
          i + 1 < entries.size()
              && entries.get(i + 1).tenantPosition() == entry.tenantPosition() + 1;
      if (neighbour) {
        assertThatThrownBy(() -> read(lines)).hasMessageContaining("the hash of the entry before");
      } else {
        assertThat(read(lines).history(null)).contains("eve");
      }
    }
  }

  @Test
  void what_is_no_export_is_refused() {
    for (String text :
        List.of(
            "",
            "\n",
            "hello",
            "{}",
            "{\"format\":\"agentflow-log-export\",\"version\":1}\n",
            "{\"format\":\"agentflow-workflow-export\",\"version\":2}\n",
            "{\"format\":\"agentflow-workflow-export\",\"version\":1}\n")) {
      assertThatThrownBy(() -> read(text)).as(text).isInstanceOf(UnreadableExport.class);
    }
  }
}

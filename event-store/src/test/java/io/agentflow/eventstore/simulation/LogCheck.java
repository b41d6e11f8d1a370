package io.agentflow.eventstore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.Verification;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.sql.DataSource;

/** What has to hold of a log, whatever happened to it. */
final class LogCheck {

  private static final int PAGE = 1_000;

  private final DataSource dataSource;
  private final List<LogEntry> entries;
  private final Map<String, List<SentEvent>> unitsInLog = new LinkedHashMap<>();

  /** Reads the whole log, once nobody appends any more. */
  LogCheck(DataSource dataSource) {
    this.dataSource = dataSource;
    this.entries = readAll(new LogReader(dataSource));
    for (LogEntry entry : entries) {
      String unit = CanonicalJson.parse(entry.payload()).get("unit").textValue();
      unitsInLog.computeIfAbsent(unit, u -> new ArrayList<>()).add(SentEvent.of(entry));
    }
  }

  private static List<LogEntry> readAll(LogReader reader) {
    List<LogEntry> all = new ArrayList<>();
    List<LogEntry> page = reader.after(0, PAGE);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = reader.after(all.getLast().position(), PAGE);
    }
    return all;
  }

  int entries() {
    return entries.size();
  }

  void nothingIsMissingOrDoubleInAnyOrder() {
    assertThat(entries)
        .as("positions")
        .extracting(LogEntry::position)
        .containsExactlyElementsOf(count(1, entries.size()));
    by(LogEntry::tenantId)
        .forEach(
            (tenantId, ofTenant) ->
                assertThat(ofTenant)
                    .as("positions of %s", tenantId)
                    .extracting(LogEntry::tenantPosition)
                    .containsExactlyElementsOf(count(1, ofTenant.size())));
    by(LogEntry::aggregateId)
        .forEach(
            (aggregateId, ofAggregate) ->
                assertThat(ofAggregate)
                    .as("sequence numbers of %s", aggregateId)
                    .extracting(LogEntry::sequenceNumber)
                    .containsExactlyElementsOf(count(0, ofAggregate.size())));
  }

  private Map<String, List<LogEntry>> by(Function<LogEntry, String> key) {
    return entries.stream().collect(Collectors.groupingBy(key));
  }

  private static List<Long> count(long from, int length) {
    return LongStream.range(from, from + length).boxed().toList();
  }

  void everyChainVerifies() {
    Verification verification = new ChainVerifier(dataSource).verifyAll();
    assertThat(verification.valid()).as("%s", verification).isTrue();
    assertThat(verification.entries()).isEqualTo(entries.size());
  }

  /** Whatever is there was sent, and is there as it was sent: whole, once, unchanged. */
  void everyUnitIsThereWholeOrNotAtAll(Reports reports) {
    Map<String, List<SentEvent>> sent = reports.sent();
    unitsInLog.forEach(
        (unit, events) ->
            assertThat(events)
                .as("unit %s, of which its node was told: %s", unit, reports.outcomes().get(unit))
                .isEqualTo(sent.get(unit)));
  }

  void everyAcknowledgedUnitIsThereAndNoRefusedOne(Reports reports) {
    List<String> lost = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    reports
        .outcomes()
        .forEach(
            (unit, outcome) -> {
              boolean isInLog = unitsInLog.containsKey(unit);
              if (outcome.isAppended() && !isInLog) {
                lost.add(unit);
              }
              if (outcome.isRefused() && isInLog) {
                kept.add(unit + " " + outcome);
              }
            });
    assertThat(lost).as("units that were acknowledged and are not in the log").isEmpty();
    assertThat(kept).as("units that were refused and are in the log").isEmpty();
  }

  /** The projection, the log and the driver's own record tell the same story. */
  void theProjectionIsWhatTheLogFoldsTo(Reports reports) throws SQLException {
    Map<String, Folded> fromLog = new HashMap<>();
    entries.forEach(entry -> fold(fromLog, SentEvent.of(entry)));
    assertThat(fromRecord(reports)).as("folded from what was acknowledged").isEqualTo(fromLog);
    assertThat(projected()).as("folded by the projection").isEqualTo(fromLog);
  }

  /** Of the units whose outcome nobody was told, the log says whether they count. */
  private Map<String, Folded> fromRecord(Reports reports) {
    Map<String, Outcome> outcomes = reports.outcomes();
    List<SentEvent> appended = new ArrayList<>();
    reports
        .sent()
        .forEach(
            (unit, events) -> {
              Outcome outcome = outcomes.getOrDefault(unit, Outcome.UNKNOWN);
              if (outcome.isAppended() || (!outcome.isRefused() && unitsInLog.containsKey(unit))) {
                appended.addAll(events);
              }
            });
    appended.sort(Comparator.comparingLong(SentEvent::sequenceNumber));
    Map<String, Folded> folded = new HashMap<>();
    appended.forEach(event -> fold(folded, event));
    return folded;
  }

  private static void fold(Map<String, Folded> folded, SentEvent event) {
    folded.put(
        event.aggregateId(),
        folded
            .getOrDefault(event.aggregateId(), Folded.NOTHING)
            .with(event.eventId(), event.sequenceNumber(), event.amount()));
  }

  private Map<String, Folded> projected() throws SQLException {
    Map<String, Folded> rows = new HashMap<>();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FoldedTable.ALL)) {
      while (row.next()) {
        rows.put(row.getString("aggregate_id"), FoldedTable.read(row));
      }
    }
    return rows;
  }
}

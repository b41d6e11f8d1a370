package io.agentflow.application.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.history.HistoryWalk.Point;
import io.agentflow.application.history.WorkflowHistoryHttp.History;
import io.agentflow.application.history.WorkflowHistoryHttp.StateAt;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Moment;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.CanonicalJson.NotCanonicalizable;
import io.agentflow.eventstore.chain.ChainLink;
import io.agentflow.eventstore.verify.UnreadableExport;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A history that {@link HistoryExport} wrote, read without a server: each entry is checked against
 * its hash, and folded by the same code that folds it on a server. Memory holds the whole history.
 */
public final class ExportedHistory {

  private static final JsonMapper JSON = new JsonMapper();

  private static final Pattern LINE =
      Pattern.compile(
          "\\{\"hash\":\"([0-9a-f]{64})\",\"prevHash\":\"([0-9a-f]{64})\","
              + "\"position\":([1-9][0-9]{0,17}),\"record\":(\\{.*})}");

  private final StoredEvents events;
  private final List<LogEntry> entries;

  private ExportedHistory(StoredEvents events, List<LogEntry> entries) {
    this.events = events;
    this.entries = entries;
  }

  /**
   * Reads a file and checks it.
   *
   * @throws UnreadableExport where it is no export of a history, not all of it, or altered; the
   *     message names the line, what was expected and what was found
   * @throws IOException where it cannot be read
   */
  public static ExportedHistory read(Path file, StoredEvents events) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      JsonNode header = header(lines.readLine());
      List<LogEntry> entries = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        LogEntry entry = entry(entries.size() + 2, line);
        checkPlace(entries, entry, header);
        checkIsRead(events, entries.size() + 2, entry);
        entries.add(entry);
      }
      long told = header.path("entries").asLong();
      if (told < 1 || entries.size() != told) {
        throw new UnreadableExport(
            "not all of an export: expected %d entries, found %d".formatted(told, entries.size()));
      }
      return new ExportedHistory(events, List.copyOf(entries));
    } catch (MalformedInputException e) {
      throw new UnreadableExport(file + " is not text in UTF-8");
    }
  }

  private static JsonNode header(@Nullable String line) throws UnreadableExport {
    try {
      JsonNode header = CanonicalJson.parse(line == null ? "" : line);
      if (header.path("format").asText().equals(HistoryExport.FORMAT)) {
        if (header.path("version").asInt() != HistoryExport.VERSION) {
          throw new UnreadableExport(
              "line 1: expected version %d, found %s"
                  .formatted(HistoryExport.VERSION, header.path("version")));
        }
        return header;
      }
    } catch (NotCanonicalizable e) {
      throw noExport();
    }
    throw noExport();
  }

  private static UnreadableExport noExport() {
    return new UnreadableExport(
        "not an export of a history: line 1 does not say \"format\":\"%s\""
            .formatted(HistoryExport.FORMAT));
  }

  /** The entry of a line, whose hash fits its bytes, and whose bytes say nothing but what it is. */
  private static LogEntry entry(int number, String line) throws UnreadableExport {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new UnreadableExport("line %d has not the form of an entry".formatted(number));
    }
    Hash hash = Hash.ofHex(parts.group(1));
    Hash prevHash = Hash.ofHex(parts.group(2));
    String record = parts.group(4);
    Hash derived = ChainLink.hash(prevHash, record);
    if (!derived.equals(hash)) {
      throw new UnreadableExport(
          "line %d is altered: expected the hash %s of what it says, found %s"
              .formatted(number, derived, hash));
    }
    try {
      LogEntry entry =
          entry(Long.parseLong(parts.group(3)), CanonicalJson.parse(record), prevHash, hash);
      if (ChainLink.record(entry).equals(record)) {
        return entry;
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      throw notOfARecord(number);
    }
    throw notOfARecord(number);
  }

  private static UnreadableExport notOfARecord(int number) {
    return new UnreadableExport("line %d has not the form of a record".formatted(number));
  }

  private static LogEntry entry(long position, JsonNode record, Hash prevHash, Hash hash) {
    return new LogEntry(
        position,
        record.path("tenantId").asText(),
        record.path("tenantPosition").asLong(),
        UUID.fromString(record.path("eventId").asText()),
        record.path("aggregateType").asText(),
        record.path("aggregateId").asText(),
        record.path("sequenceNumber").asLong(),
        record.path("eventType").asText(),
        record.path("eventVersion").asInt(),
        Instant.parse(record.path("occurredAt").asText()),
        CanonicalJson.canonicalize(record.path("metadata")),
        CanonicalJson.canonicalize(record.path("payload")),
        prevHash,
        hash);
  }

  private static void checkPlace(List<LogEntry> before, LogEntry entry, JsonNode header)
      throws UnreadableExport {
    int number = before.size() + 2;
    check(number, "tenant", header.path("tenantId").asText(), entry.tenantId());
    check(number, "workflow", header.path("workflowId").asText(), entry.aggregateId());
    check(number, "kind", WorkflowAggregate.TYPE, entry.aggregateType());
    check(number, "sequence number", before.size(), entry.sequenceNumber());
    if (before.isEmpty()) {
      return;
    }
    LogEntry last = before.getLast();
    if (entry.position() <= last.position() || entry.tenantPosition() <= last.tenantPosition()) {
      throw new UnreadableExport(
          "line %d: expected positions behind %d and, in the tenant, %d; found %d and %d"
              .formatted(
                  number,
                  last.position(),
                  last.tenantPosition(),
                  entry.position(),
                  entry.tenantPosition()));
    }
    if (entry.tenantPosition() == last.tenantPosition() + 1) {
      check(number, "hash of the entry before", last.hash(), entry.prevHash());
    }
  }

  private static void check(int number, String what, Object expected, Object found)
      throws UnreadableExport {
    if (!expected.toString().equals(found.toString())) {
      throw new UnreadableExport(
          "line %d: expected the %s %s, found %s".formatted(number, what, expected, found));
    }
  }

  /** What has a good hash may still be no event of ours: hashes are no signatures. */
  private static void checkIsRead(StoredEvents events, int number, LogEntry entry)
      throws UnreadableExport {
    try {
      if (events.of(entry) instanceof WorkflowEvent) {
        return;
      }
    } catch (RuntimeException e) {
      throw unknown(number, entry);
    }
    throw unknown(number, entry);
  }

  private static UnreadableExport unknown(int number, LogEntry entry) {
    return new UnreadableExport(
        "line %d: version %d of %s is not known here, or the entry is none"
            .formatted(number, entry.eventVersion(), entry.eventType()));
  }

  /**
   * The history up to a moment, as JSON, as a server answers it.
   *
   * @param at a position of the log or a time; null for all of it
   * @throws InvalidField for what is no moment, or one before the first entry
   */
  public String history(@Nullable String at) {
    LogEntry last = lastAt(at);
    List<HistoryItem> items = new ArrayList<>();
    HistoryWalk walk = walk();
    for (Point point = walk.next();
        point != null && point.entry().sequenceNumber() <= last.sequenceNumber();
        point = walk.next()) {
      items.add(HistoryItem.of(point));
    }
    return JSON.writeValueAsString(new History(last.aggregateId(), items, null));
  }

  /**
   * The state at a moment, as JSON, as a server answers it. The same may be named and is refused.
   */
  public String stateAt(@Nullable String at) {
    LogEntry last = lastAt(at);
    return JSON.writeValueAsString(
        StateAt.of(last, WorkflowState.of(walk().stateAt(last.sequenceNumber()))));
  }

  private LogEntry lastAt(@Nullable String at) {
    Moment moment = Moment.read("at", at);
    if (moment == null) {
      return entries.getLast();
    }
    return entries.reversed().stream()
        .filter(entry -> moment.isReachedBy(entry.position(), entry.occurredAt()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidField(
                    "at",
                    "must not be before the first entry, at position %d, %s"
                        .formatted(
                            entries.getFirst().position(), entries.getFirst().occurredAt())));
  }

  private HistoryWalk walk() {
    return HistoryWalk.fromTheBeginning(
        (sequence, limit) -> {
          int from = Math.toIntExact(sequence + 1);
          return entries.subList(from, Math.min(entries.size(), from + limit));
        },
        events);
  }
}

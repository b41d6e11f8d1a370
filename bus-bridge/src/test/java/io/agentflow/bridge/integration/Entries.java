package io.agentflow.bridge.integration;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Entries with the payloads that the golden files keep, one for each event type and version. */
final class Entries {

  static final String WORKFLOW = "018f4e6a-0000-7000-8000-000000000001";

  private static final Path GOLDEN = Path.of("../application/src/test/resources/golden");

  private Entries() {}

  static List<LogEntry> golden() {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(Entries::golden)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The payload that was golden first of all versions of this event. */
  static LogEntry golden(String eventType) {
    return golden(GOLDEN.resolve(eventType + ".1.json"));
  }

  private static LogEntry golden(Path file) {
    String[] typeAndVersion =
        file.getFileName().toString().replaceFirst("\\.(\\d+)\\.json$", " $1").split(" ", 2);
    try {
      return entry(
          typeAndVersion[0], Integer.parseInt(typeAndVersion[1]), Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LogEntry entry(String eventType, String payload) {
    return entry(eventType, 1, payload);
  }

  private static LogEntry entry(String eventType, int version, String payload) {
    return new LogEntry(
        12,
        "acme",
        7,
        UUID.fromString("018f4e6a-0000-7000-8000-00000000eeee"),
        eventType.substring(0, eventType.indexOf('.')),
        WORKFLOW,
        3,
        eventType,
        version,
        Instant.parse("2026-01-02T03:04:05.000006Z"),
        "{\"actor\":\"ada\"}",
        payload,
        Hash.GENESIS,
        Hash.ofHex("ab".repeat(32)));
  }
}

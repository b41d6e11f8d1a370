package io.agentflow.eventstore.chain;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;

/**
 * How an entry is bound to the one before it: {@code hash = SHA-256(prevHash ‖ record)}, where the
 * record is the canonical JSON of all that the entry says. The global position is not part of it,
 * so that a tenant's chain can move house.
 */
public final class ChainLink {

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);
  private static final int NANOS_A_MICRO = 1_000;
  private static final int MICROS_A_SECOND = 1_000_000;

  /** Entries that follow one another are mostly of one second. */
  private static volatile Second lastSecond = Second.of(Instant.EPOCH);

  private ChainLink() {}

  /** A time as it is hashed: UTC, always six digits of a second. */
  public static String timestamp(Instant instant) {
    Second second = lastSecond;
    if (second.epochSecond() != instant.getEpochSecond()) {
      second = Second.of(instant);
      lastSecond = second;
    }
    // The million in front keeps the zeros, and goes.
    String micros = Integer.toString(MICROS_A_SECOND + instant.getNano() / NANOS_A_MICRO);
    return new StringBuilder(second.text())
        .append(micros, 1, micros.length())
        .append('Z')
        .toString();
  }

  private record Second(long epochSecond, String text) {
    static Second of(Instant instant) {
      return new Second(instant.getEpochSecond(), SECONDS.format(instant));
    }
  }

  /**
   * The record of an entry that has no place yet: canonical JSON (RFC 8785) whose members are in
   * order as they stand here, up to the last, the tenant position. Metadata and payload go in as
   * stored, so that not even their spelling can change unseen.
   */
  public static UnplacedRecord unplacedRecord(
      String aggregateId,
      String aggregateType,
      UUID eventId,
      String eventType,
      int eventVersion,
      String metadata,
      Instant occurredAt,
      String payload,
      long sequenceNumber,
      String tenantId) {
    StringBuilder out = new StringBuilder(payload.length() + metadata.length() + 512);
    out.append("{\"aggregateId\":");
    CanonicalJson.writeString(aggregateId, out);
    out.append(",\"aggregateType\":");
    CanonicalJson.writeString(aggregateType, out);
    out.append(",\"eventId\":\"").append(eventId);
    out.append("\",\"eventType\":");
    CanonicalJson.writeString(eventType, out);
    out.append(",\"eventVersion\":").append(eventVersion);
    out.append(",\"metadata\":").append(metadata);
    out.append(",\"occurredAt\":\"").append(timestamp(occurredAt));
    out.append("\",\"payload\":").append(payload);
    out.append(",\"sequenceNumber\":").append(sequenceNumber);
    out.append(",\"tenantId\":");
    CanonicalJson.writeString(tenantId, out);
    out.append(",\"tenantPosition\":");
    return new UnplacedRecord(out.toString());
  }

  /** A record up to its tenant position, which is known only when the entry is appended. */
  public static final class UnplacedRecord {

    private final byte[] start;

    private UnplacedRecord(String start) {
      this.start = start.getBytes(StandardCharsets.UTF_8);
    }

    /** The hash that the entry has at this place after the entry with this hash. */
    public Hash hash(Hash prevHash, long tenantPosition) {
      return Hash.sha256(prevHash.bytes(), start, end(tenantPosition));
    }

    /** The record whole, as the entry has it at this place. */
    public String placed(long tenantPosition) {
      return new String(start, StandardCharsets.UTF_8) + tenantPosition + "}";
    }

    private static byte[] end(long tenantPosition) {
      return (tenantPosition + "}").getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** The record of an entry as it was read back. */
  public static String record(LogEntry entry) {
    return unplacedRecord(
            entry.aggregateId(),
            entry.aggregateType(),
            entry.eventId(),
            entry.eventType(),
            entry.eventVersion(),
            entry.metadata(),
            entry.occurredAt(),
            entry.payload(),
            entry.sequenceNumber(),
            entry.tenantId())
        .placed(entry.tenantPosition());
  }

  /** The hash that a record has after the entry with this hash. */
  public static Hash hash(Hash prevHash, String record) {
    return Hash.sha256(prevHash.bytes(), record.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the entry's own hash fits its bytes; says nothing about the entry before it. */
  public static boolean isIntact(LogEntry entry) {
    return entry.hash().equals(hash(entry.prevHash(), record(entry)));
  }
}

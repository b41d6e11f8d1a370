package io.agentflow.eventstore.verify;

import static io.agentflow.eventstore.verify.RecordBytes.ascii;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry as the database sends it: a row of PostgreSQL's binary COPY. Nothing is converted that
 * could hide a change; what a column cannot have under its constraints is told as an alteration,
 * since whoever owns the table can drop them.
 */
final class StoredEntry extends Entry {

  /** In the order in which {@link #read} takes them. */
  static final List<String> COLUMNS =
      List.of(
          "tenant_id",
          "tenant_position",
          "position",
          "event_id",
          "aggregate_type",
          "aggregate_id",
          "sequence_number",
          "event_type",
          "event_version",
          "occurred_at",
          "metadata",
          "payload",
          "prev_hash",
          "hash");

  private static final int TENANT_ID = 0;
  private static final int TENANT_POSITION = 1;
  private static final int POSITION = 2;
  private static final int EVENT_ID = 3;
  private static final int AGGREGATE_TYPE = 4;
  private static final int AGGREGATE_ID = 5;
  private static final int SEQUENCE_NUMBER = 6;
  private static final int EVENT_TYPE = 7;
  private static final int EVENT_VERSION = 8;
  private static final int OCCURRED_AT = 9;
  private static final int METADATA = 10;
  private static final int PAYLOAD = 11;
  private static final int PREV_HASH = 12;
  private static final int HASH = 13;

  private static final int ANY = -1;
  private static final int NULL = -1;
  private static final int[] COLUMN_BYTES = {
    ANY,
    Long.BYTES,
    Long.BYTES,
    16,
    ANY,
    ANY,
    Long.BYTES,
    ANY,
    Integer.BYTES,
    Long.BYTES,
    ANY,
    ANY,
    HASH_BYTES,
    HASH_BYTES
  };

  private static final byte[] AGGREGATE_ID_NAME = ascii("{\"aggregateId\":");
  private static final byte[] AGGREGATE_TYPE_NAME = ascii(",\"aggregateType\":");
  private static final byte[] EVENT_ID_NAME = ascii(",\"eventId\":\"");
  private static final byte[] EVENT_TYPE_NAME = ascii("\",\"eventType\":");
  private static final byte[] EVENT_VERSION_NAME = ascii(",\"eventVersion\":");
  private static final byte[] METADATA_NAME = ascii(",\"metadata\":");
  private static final byte[] OCCURRED_AT_NAME = ascii(",\"occurredAt\":\"");
  private static final byte[] PAYLOAD_NAME = ascii("\",\"payload\":");
  private static final byte[] SEQUENCE_NUMBER_NAME = ascii(",\"sequenceNumber\":");
  private static final byte[] TENANT_ID_NAME = ascii(",\"tenantId\":");
  private static final byte[] TENANT_POSITION_NAME = ascii(",\"tenantPosition\":");
  private static final byte[] END = ascii("}");

  private final MessageDigest sha256 = sha256();
  private final byte[] derived = new byte[HASH_BYTES];
  private final RecordBytes record = new RecordBytes();
  private final int[] from = new int[COLUMN_BYTES.length];
  private final int[] length = new int[COLUMN_BYTES.length];
  private byte[] row = new byte[0];
  private ByteBuffer numbers = ByteBuffer.wrap(row);

  /**
   * Takes the next row.
   *
   * @param start where it starts in the bytes; it ends where they end
   * @throws UnexpectedForm when it has not the columns that were asked for
   */
  void read(byte[] bytes, int start) throws UnexpectedForm {
    row = bytes;
    numbers = ByteBuffer.wrap(bytes);
    if (numbers.getShort(start) != from.length) {
      throw new UnexpectedForm();
    }
    int at = start + Short.BYTES;
    for (int column = 0; column < from.length; column++) {
      int count = numbers.getInt(at);
      at += Integer.BYTES;
      from[column] = at;
      length[column] = count;
      at += Math.max(count, 0);
    }
    if (at != bytes.length) {
      throw new UnexpectedForm();
    }
    tenantPosition = number(TENANT_POSITION);
    position = number(POSITION);
    take(PREV_HASH, prevHash);
    take(HASH, hash);
  }

  private long number(int column) {
    return length[column] == Long.BYTES ? numbers.getLong(from[column]) : 0;
  }

  private void take(int column, byte[] target) {
    if (length[column] == target.length) {
      System.arraycopy(row, from[column], target, 0, target.length);
    } else {
      Arrays.fill(target, (byte) 0);
    }
  }

  @Override
  boolean isOf(byte[] tenant) {
    int start = from[TENANT_ID];
    return Arrays.equals(row, start, start + length[TENANT_ID], tenant, 0, tenant.length);
  }

  @Override
  byte[] tenant() {
    return Arrays.copyOfRange(row, from[TENANT_ID], from[TENANT_ID] + length[TENANT_ID]);
  }

  @Override
  String tenantId() {
    return new String(row, from[TENANT_ID], length[TENANT_ID], StandardCharsets.UTF_8);
  }

  @Override
  @Nullable String eventId() {
    if (length[EVENT_ID] != COLUMN_BYTES[EVENT_ID]) {
      return null;
    }
    RecordBytes id = new RecordBytes().uuid(row, from[EVENT_ID]);
    return new String(id.array(), 0, id.length(), StandardCharsets.US_ASCII);
  }

  @Override
  @Nullable Finding alteration() {
    Finding value = impossibleValue();
    if (value != null) {
      return value;
    }
    derive();
    if (!Arrays.equals(hash, derived)) {
      return altered(
          "entry %d was altered: its bytes do not have the hash stored with it"
              .formatted(tenantPosition),
          HexFormat.of().formatHex(hash),
          HexFormat.of().formatHex(derived));
    }
    return ambiguousRecord();
  }

  /**
   * A column that has no value, or one of a length that it cannot have; null when there is none.
   */
  @Nullable Finding impossibleValue() {
    for (int column = 0; column < length.length; column++) {
      int expected = COLUMN_BYTES[column];
      if (length[column] == NULL || (expected != ANY && length[column] != expected)) {
        return altered(
            "entry %d was altered: its %s is no value that was ever written"
                .formatted(tenantPosition, COLUMNS.get(column)),
            expected == ANY ? "a text" : "%d bytes".formatted(expected),
            length[column] == NULL ? "null" : "%d bytes".formatted(length[column]));
      }
    }
    return null;
  }

  /** Metadata or payload whose end the record would not show; null when both are one object. */
  @Nullable Finding ambiguousRecord() {
    boolean metadataIsOne = isOneObject(METADATA);
    if (metadataIsOne && isOneObject(PAYLOAD)) {
      return null;
    }
    int column = metadataIsOne ? PAYLOAD : METADATA;
    return altered(
        "entry %d was altered: its %s is not one whole JSON object"
            .formatted(tenantPosition, COLUMNS.get(column)),
        "one JSON object",
        new String(row, from[column], length[column], StandardCharsets.UTF_8));
  }

  private boolean isOneObject(int column) {
    return RecordBytes.isOneObject(row, from[column], length[column]);
  }

  private void derive() {
    appendRecord(record.clear().raw(prevHash));
    sha256.update(record.array(), 0, record.length());
    digest(sha256, derived);
  }

  /** The canonical record of the entry, whose columns have to be of their form. */
  void appendRecord(RecordBytes out) {
    string(out.raw(AGGREGATE_ID_NAME), AGGREGATE_ID);
    string(out.raw(AGGREGATE_TYPE_NAME), AGGREGATE_TYPE);
    out.raw(EVENT_ID_NAME).uuid(row, from[EVENT_ID]);
    string(out.raw(EVENT_TYPE_NAME), EVENT_TYPE);
    out.raw(EVENT_VERSION_NAME).number(numbers.getInt(from[EVENT_VERSION]));
    out.raw(METADATA_NAME).raw(row, from[METADATA], length[METADATA]);
    out.raw(OCCURRED_AT_NAME).time(numbers.getLong(from[OCCURRED_AT]));
    out.raw(PAYLOAD_NAME).raw(row, from[PAYLOAD], length[PAYLOAD]);
    out.raw(SEQUENCE_NUMBER_NAME).number(numbers.getLong(from[SEQUENCE_NUMBER]));
    string(out.raw(TENANT_ID_NAME), TENANT_ID);
    out.raw(TENANT_POSITION_NAME).number(tenantPosition).raw(END);
  }

  private void string(RecordBytes out, int column) {
    out.string(row, from[column], length[column]);
  }

  /** The database sent something else than rows of the log. */
  static final class UnexpectedForm extends Exception {

    private static final long serialVersionUID = 1L;

    UnexpectedForm() {
      super("the database's copy has not the form of PostgreSQL's binary COPY");
    }
  }
}

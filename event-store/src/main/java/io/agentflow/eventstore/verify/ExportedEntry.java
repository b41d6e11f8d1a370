package io.agentflow.eventstore.verify;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An entry as a line of an export shows it. Its parts are found by their places, from the line's
 * start and from its end, so that nearly all bytes are only hashed. Strings end at a quotation mark
 * without a backslash, so a tenant's id cannot pretend to be more than itself.
 */
final class ExportedEntry extends Entry {

  private static final int HEX_BYTES = 2 * HASH_BYTES;
  private static final int HASH_FROM = ExportForm.HASH.length;
  private static final int PREV_HASH_FROM = HASH_FROM + HEX_BYTES + ExportForm.PREV_HASH.length;
  private static final int POSITION_FROM = PREV_HASH_FROM + HEX_BYTES + ExportForm.POSITION.length;
  private static final byte[] EVENT_ID = RecordBytes.ascii(",\"eventId\":\"");
  private static final int UUID_CHARACTERS = 36;
  private static final byte NO_DIGIT = -1;
  private static final byte[] HEX_DIGITS = hexDigits();
  private static final long NO_NUMBER = -1;
  private static final int DIGITS_MAX = 19;

  private final MessageDigest sha256 = sha256();
  private final byte[] derived = new byte[HASH_BYTES];
  private byte[] bytes = new byte[0];
  private int recordFrom;
  private int recordTo;
  private int tenantFrom;
  private int tenantTo;

  /**
   * Takes the next line.
   *
   * @param to behind its last byte, the end of the line not included
   * @return whether it is an entry's line
   */
  boolean read(byte[] file, int from, int to) {
    bytes = file;
    if (to - from < POSITION_FROM
        || !isAt(from, ExportForm.HASH)
        || !isAt(from + HASH_FROM + HEX_BYTES, ExportForm.PREV_HASH)
        || !isAt(from + PREV_HASH_FROM + HEX_BYTES, ExportForm.POSITION)
        || !decode(from + HASH_FROM, hash)
        || !decode(from + PREV_HASH_FROM, prevHash)) {
      return false;
    }
    int at = from + POSITION_FROM;
    while (at < to && isDigit(bytes[at])) {
      at++;
    }
    position = number(from + POSITION_FROM, at);
    recordFrom = at + ExportForm.RECORD.length;
    recordTo = to - 1;
    return position != NO_NUMBER
        && recordFrom < recordTo
        && isAt(at, ExportForm.RECORD)
        && bytes[recordFrom] == '{'
        && bytes[recordTo] == '}'
        && readPlace();
  }

  /** From the record's end backwards: {@code ,"tenantId":"…","tenantPosition":N}}. */
  private boolean readPlace() {
    int digitsTo = recordTo - 1;
    int digitsFrom = digitsTo;
    while (digitsFrom > recordFrom && isDigit(bytes[digitsFrom - 1])) {
      digitsFrom--;
    }
    tenantPosition = number(digitsFrom, digitsTo);
    tenantTo = digitsFrom - ExportForm.TENANT_POSITION.length;
    if (tenantPosition == NO_NUMBER
        || bytes[digitsTo] != '}'
        || tenantTo < recordFrom
        || !isAt(tenantTo, ExportForm.TENANT_POSITION)) {
      return false;
    }
    int nameFrom = tenantTo - ExportForm.TENANT_ID.length;
    while (nameFrom > recordFrom && !isAt(nameFrom, ExportForm.TENANT_ID)) {
      nameFrom--;
    }
    tenantFrom = nameFrom + ExportForm.TENANT_ID.length;
    return nameFrom > recordFrom;
  }

  private boolean isAt(int at, byte[] expected) {
    int to = at + expected.length;
    return to <= bytes.length && Arrays.equals(bytes, at, to, expected, 0, expected.length);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private long number(int from, int to) {
    if (from >= to || to - from > DIGITS_MAX) {
      return NO_NUMBER;
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      number = 10 * number + (bytes[i] - '0');
    }
    return number < 0 ? NO_NUMBER : number;
  }

  /** Lower-case hex alone: a hash has one spelling. */
  private boolean decode(int from, byte[] target) {
    int wrong = 0;
    for (int i = 0; i < HASH_BYTES; i++) {
      int high = HEX_DIGITS[bytes[from + 2 * i] & 0xff];
      int low = HEX_DIGITS[bytes[from + 2 * i + 1] & 0xff];
      wrong |= high | low;
      target[i] = (byte) (high << 4 | low);
    }
    return wrong >= 0;
  }

  private static byte[] hexDigits() {
    byte[] digits = new byte[256];
    Arrays.fill(digits, NO_DIGIT);
    for (int value = 0; value < 16; value++) {
      digits[Character.forDigit(value, 16)] = (byte) value;
    }
    return digits;
  }

  @Override
  boolean isOf(byte[] tenant) {
    return Arrays.equals(bytes, tenantFrom, tenantTo, tenant, 0, tenant.length);
  }

  @Override
  byte[] tenant() {
    return Arrays.copyOfRange(bytes, tenantFrom, tenantTo);
  }

  @Override
  String tenantId() {
    return ExportHeader.unescaped(
        new String(bytes, tenantFrom, tenantTo - tenantFrom, StandardCharsets.UTF_8));
  }

  @Override
  @Nullable String eventId() {
    for (int at = recordFrom; at < recordTo; at++) {
      if (isAt(at, EVENT_ID)) {
        int from = at + EVENT_ID.length;
        int count = Math.min(UUID_CHARACTERS, recordTo - from);
        return new String(bytes, from, count, StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  @Override
  @Nullable Finding alteration() {
    sha256.update(prevHash, 0, HASH_BYTES);
    sha256.update(bytes, recordFrom, recordTo - recordFrom);
    digest(sha256, derived);
    return Arrays.equals(hash, derived)
        ? null
        : altered(
            "entry %d was altered: its bytes do not have the hash stored with it"
                .formatted(tenantPosition),
            HexFormat.of().formatHex(hash),
            HexFormat.of().formatHex(derived));
  }
}

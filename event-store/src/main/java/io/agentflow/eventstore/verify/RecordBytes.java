package io.agentflow.eventstore.verify;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;

/**
 * Writes an entry's record as bytes, in one buffer that is used again and again. Written apart from
 * the code that wrote the log, so that the two have to agree.
 */
final class RecordBytes {

  private static final int FIRST_BYTES = 4_096;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final long MICROS_A_DAY = 86_400_000_000L;
  private static final long EPOCH_DAY_OF_2000 = LocalDate.of(2000, 1, 1).toEpochDay();

  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private long cachedDay = Long.MIN_VALUE;
  private byte[] cachedDate = new byte[0];

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  RecordBytes clear() {
    length = 0;
    return this;
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }

  RecordBytes raw(byte[] source) {
    return raw(source, 0, source.length);
  }

  RecordBytes raw(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
    return this;
  }

  /** A JSON string of UTF-8 bytes, escaped as RFC 8785, section 3.2.2.2. */
  RecordBytes string(byte[] source, int from, int count) {
    reserve(6 * count + 2);
    bytes[length++] = '"';
    for (int i = from; i < from + count; i++) {
      byte b = source[i];
      if (b == '"' || b == '\\') {
        bytes[length++] = '\\';
        bytes[length++] = b;
      } else if (b >= 0 && b < ' ') {
        escape(b);
      } else {
        bytes[length++] = b;
      }
    }
    bytes[length++] = '"';
    return this;
  }

  private void escape(byte control) {
    bytes[length++] = '\\';
    switch (control) {
      case '\b' -> bytes[length++] = 'b';
      case '\t' -> bytes[length++] = 't';
      case '\n' -> bytes[length++] = 'n';
      case '\f' -> bytes[length++] = 'f';
      case '\r' -> bytes[length++] = 'r';
      default -> {
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[control >> 4];
        bytes[length++] = HEX[control & 0xf];
      }
    }
  }

  RecordBytes number(long value) {
    if (value < 0) {
      return raw(ascii(Long.toString(value)));
    }
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    reserve(digits);
    putDigits(value, digits);
    return this;
  }

  private void putDigits(long value, int digits) {
    long rest = value;
    for (int i = length + digits - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  RecordBytes hex(byte[] source, int from, int count) {
    reserve(2 * count);
    for (int i = from; i < from + count; i++) {
      bytes[length++] = HEX[(source[i] >> 4) & 0xf];
      bytes[length++] = HEX[source[i] & 0xf];
    }
    return this;
  }

  /** A UUID of 16 bytes in its usual spelling. */
  RecordBytes uuid(byte[] source, int from) {
    reserve(36);
    hex(source, from, 4);
    bytes[length++] = '-';
    hex(source, from + 4, 2);
    bytes[length++] = '-';
    hex(source, from + 6, 2);
    bytes[length++] = '-';
    hex(source, from + 8, 2);
    bytes[length++] = '-';
    return hex(source, from + 10, 6);
  }

  /** A time in UTC with six digits of a second, from PostgreSQL's microseconds since 2000. */
  RecordBytes time(long microsSince2000) {
    long day = Math.floorDiv(microsSince2000, MICROS_A_DAY);
    if (day != cachedDay) {
      cachedDay = day;
      cachedDate = ascii(LocalDate.ofEpochDay(day + EPOCH_DAY_OF_2000).toString());
    }
    long micros = Math.floorMod(microsSince2000, MICROS_A_DAY);
    long seconds = micros / 1_000_000;
    raw(cachedDate);
    reserve(17);
    bytes[length++] = 'T';
    putDigits(seconds / 3_600, 2);
    bytes[length++] = ':';
    putDigits(seconds / 60 % 60, 2);
    bytes[length++] = ':';
    putDigits(seconds % 60, 2);
    bytes[length++] = '.';
    putDigits(micros % 1_000_000, 6);
    bytes[length++] = 'Z';
    return this;
  }

  /**
   * Whether these bytes are one JSON object from its first brace to its last, with nothing behind
   * it: then a record that contains them can be taken apart in one way only. Also refused are
   * control characters, which canonical JSON never has. Looks no further into the JSON.
   */
  static boolean isOneObject(byte[] json, int from, int count) {
    if (count < 2 || json[from] != '{') {
      return false;
    }
    int depth = 0;
    boolean inString = false;
    int last = from + count - 1;
    for (int i = from; i <= last; i++) {
      byte b = json[i];
      if (b >= 0 && b < ' ') {
        return false;
      }
      if (b == '"') {
        inString = !inString;
      } else if (inString) {
        if (b == '\\') {
          i++;
        }
      } else if (b == '{') {
        depth++;
      } else if (b == '}' && --depth == 0) {
        return i == last;
      }
    }
    return false;
  }
}

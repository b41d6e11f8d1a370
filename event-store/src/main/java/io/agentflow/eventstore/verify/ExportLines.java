package io.agentflow.eventstore.verify;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** Reads the lines of a stretch of a file, one after the other, from a buffer used again. */
final class ExportLines {

  private static final int BUFFER_BYTES = 1 << 20;
  private static final int LINE_BYTES_MAX = 1 << 30;
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private final FileChannel file;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private long bufferFrom;
  private int filled;
  private int next;
  private int lineFrom;
  private int lineTo;
  private long to;

  ExportLines(FileChannel file) {
    this.file = file;
  }

  /**
   * Turns to the lines that begin in this stretch; the last may end behind it.
   *
   * @param from where a line begins, or anywhere in a line, which is then another stretch's
   * @throws UnreadableExport when a line has no end
   */
  void turnTo(long from, long end) throws IOException {
    filled = 0;
    next = 0;
    to = Long.MAX_VALUE;
    if (from == 0) {
      bufferFrom = 0;
    } else {
      // Whether a line begins here is said by the byte before.
      bufferFrom = from - 1;
      next();
    }
    to = end;
  }

  /** Goes to the next line; false when there is none. */
  boolean next() throws IOException {
    if (bufferFrom + next >= to) {
      return false;
    }
    int searched = next;
    int newline = newline(searched);
    while (newline < 0) {
      searched = filled - next;
      fill();
      newline = newline(searched);
    }
    lineFrom = next;
    lineTo = newline;
    next = newline + 1;
    return true;
  }

  /** The file's bytes, of which the line is a part. */
  byte[] bytes() {
    return buffer;
  }

  int lineFrom() {
    return lineFrom;
  }

  int lineTo() {
    return lineTo;
  }

  /** Where in the file the line behind this one begins. */
  long nextLineAt() {
    return bufferFrom + next;
  }

  /** Moves what is not read yet to the start of the buffer, and reads more behind it. */
  private void fill() throws IOException {
    System.arraycopy(buffer, next, buffer, 0, filled - next);
    bufferFrom += next;
    filled -= next;
    next = 0;
    if (filled == buffer.length) {
      if (filled >= LINE_BYTES_MAX) {
        throw new UnreadableExport("a line is longer than %d bytes".formatted(LINE_BYTES_MAX));
      }
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    int read =
        file.read(ByteBuffer.wrap(buffer, filled, buffer.length - filled), bufferFrom + filled);
    if (read <= 0) {
      throw new UnreadableExport("the file is cut short: its last line has no end");
    }
    filled += read;
  }

  /** The first end of a line from here on, eight bytes at a time; negative when there is none. */
  private int newline(int from) {
    int at = from;
    for (; at <= filled - Long.BYTES; at += Long.BYTES) {
      long differs = (long) EIGHT_BYTES.get(buffer, at) ^ NEWLINES;
      long equal = (differs - ONES) & ~differs & HIGH_BITS;
      if (equal != 0) {
        return at + Long.numberOfTrailingZeros(equal) / Byte.SIZE;
      }
    }
    for (; at < filled; at++) {
      if (buffer[at] == '\n') {
        return at;
      }
    }
    return -1;
  }
}

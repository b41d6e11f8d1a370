package io.agentflow.cli.runs;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line as bytes, so that one line's bad encoding does not spoil the next. */
final class LineReader implements AutoCloseable {

  /** Longest line that is kept; of a longer one, one byte more is, which tells. */
  static final int LINE_BYTES_MAX = 32 << 20;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private long number;
  private long bytesRead;

  LineReader(Path file) throws IOException {
    this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    skipByteOrderMark();
  }

  private void skipByteOrderMark() throws IOException {
    in.mark(BYTE_ORDER_MARK.length);
    if (!java.util.Arrays.equals(in.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
      in.reset();
    }
  }

  /** The next line without its end, or null after the last. */
  byte @Nullable [] next() throws IOException {
    int b = in.read();
    if (b < 0) {
      return null;
    }
    number++;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (b >= 0 && b != '\n') {
      bytesRead++;
      if (line.size() <= LINE_BYTES_MAX) {
        line.write(b);
      }
      b = in.read();
    }
    bytesRead++;
    return line.toByteArray();
  }

  /** The number of the line that was read last, from 1. */
  long number() {
    return number;
  }

  long bytesRead() {
    return bytesRead;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}

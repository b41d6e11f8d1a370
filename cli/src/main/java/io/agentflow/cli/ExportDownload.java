package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentflow.client.Refusal;
import io.agentflow.client.ServerUnreachable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Copies an export from the server and makes sure that all of it came. */
final class ExportDownload {

  private static final byte[] PROBLEM = "{\"problem\":".getBytes(StandardCharsets.UTF_8);
  private static final JsonMapper JSON = new JsonMapper();
  private static final int CHUNK_BYTES = 1 << 16;

  /** What is kept of a line: a header, or a problem; an entry need not be kept whole. */
  private static final int KEPT_BYTES = 1 << 16;

  private final URI server;
  private final ProgressBar progress;
  private final byte[] line = new byte[KEPT_BYTES];
  private int kept;
  private @Nullable JsonNode header;
  private long lines;

  ExportDownload(URI server, ProgressBar progress) {
    this.server = server;
    this.progress = progress;
  }

  /**
   * Copies to the end.
   *
   * @return how many entries the export has
   * @throws Refusal when the server could not go on
   * @throws ServerUnreachable when the connection broke off
   */
  long copy(InputStream from, OutputStream to) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int count = read(from, chunk); count >= 0; count = read(from, chunk)) {
      take(chunk, count);
      to.write(chunk, 0, count);
    }
    to.flush();
    long entries = count("entries");
    if (header == null || kept > 0 || lines != 1 + count("tenants") + entries) {
      throw new ServerUnreachable(server, new IOException("the export broke off"));
    }
    return entries;
  }

  /** Copies under another name until all is there: what has the name is a whole export. */
  long copyTo(Path file, InputStream from) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      long entries;
      try (OutputStream out = Files.newOutputStream(part)) {
        entries = copy(from, out);
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return entries;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private int read(InputStream from, byte[] chunk) {
    try {
      return from.read(chunk);
    } catch (IOException e) {
      throw new ServerUnreachable(server, e);
    }
  }

  private void take(byte[] chunk, int count) throws IOException {
    int from = 0;
    for (int i = 0; i < count; i++) {
      if (chunk[i] == '\n') {
        keep(chunk, from, i);
        endLine();
        from = i + 1;
      }
    }
    keep(chunk, from, count);
    progress.stepTo(lines);
  }

  private void keep(byte[] chunk, int from, int to) {
    int count = Math.min(to - from, line.length - kept);
    System.arraycopy(chunk, from, line, kept, count);
    kept += count;
  }

  private void endLine() throws IOException {
    lines++;
    if (header == null) {
      header = JSON.readTree(line, 0, kept);
      progress.maxHint(1 + count("tenants") + count("entries"));
    } else if (Arrays.mismatch(line, PROBLEM) == PROBLEM.length) {
      JsonNode problem = JSON.readTree(line, 0, kept).path("problem");
      throw new Refusal(problem.path("status").asInt(), problem);
    }
    kept = 0;
  }

  private long count(String name) {
    return header == null ? 0 : header.path(name).asLong();
  }
}

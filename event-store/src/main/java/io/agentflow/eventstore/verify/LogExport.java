package io.agentflow.eventstore.verify;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.verify.StoredEntry.UnexpectedForm;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log as a file that anyone can verify without the database: one JSON object a line, of
 * one moment, in the form of {@code docs/export-format.md}. Entries go out as they are stored and
 * unjudged; memory holds one of them.
 */
public final class LogExport {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int BUFFER_BYTES = 1 << 16;

  private final DataSource dataSource;

  /** An export by one connection of PostgreSQL's own driver that may read the log. */
  public LogExport(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Writes the log of all tenants.
   *
   * @param out is flushed and left open
   * @return how many entries were written
   * @throws IOException when it cannot be written to
   * @throws LogUnavailable when the database does not answer; what is written then is no export
   * @throws NotExportable when an entry has no record any more; what is written then is no export
   */
  public long writeAll(OutputStream out, Progress progress) throws IOException {
    return writeTenantOrAll(null, out, progress);
  }

  /** The same for one tenant alone. Of one that the log does not know nothing is written. */
  public long write(String tenantId, OutputStream out, Progress progress) throws IOException {
    return writeTenantOrAll(tenantId, out, progress);
  }

  private long writeTenantOrAll(@Nullable String tenantId, OutputStream out, Progress progress)
      throws IOException {
    try (LogSnapshot snapshot = LogSnapshot.take(dataSource)) {
      return write(snapshot, tenantId, new BufferedOutputStream(out, BUFFER_BYTES), progress);
    } catch (SQLException | UnexpectedForm e) {
      throw new LogUnavailable("the log cannot be read to export it", e);
    }
  }

  private static long write(
      LogSnapshot snapshot, @Nullable String tenantId, OutputStream out, Progress progress)
      throws IOException, SQLException, UnexpectedForm {
    LogRange all = new LogRange(tenantId, null, null);
    Map<String, RecordedHead> heads = snapshot.heads(tenantId);
    long entries = snapshot.entries(all);
    if (tenantId != null && heads.isEmpty() && entries == 0) {
      return 0;
    }
    try {
      write(snapshot, all, heads, entries, out, progress);
    } finally {
      // Also when it fails: whole lines then stand in front of whatever tells so.
      out.flush();
    }
    return entries;
  }

  private static void write(
      LogSnapshot snapshot,
      LogRange all,
      Map<String, RecordedHead> heads,
      long entries,
      OutputStream out,
      Progress progress)
      throws IOException, SQLException, UnexpectedForm {
    writeLine(out, header(snapshot, all.tenantId(), heads.size(), entries));
    for (RecordedHead head : heads.values()) {
      writeLine(out, line(head));
    }
    Meter meter = new Meter(progress, entries);
    RecordBytes line = new RecordBytes();
    int read = 0;
    try (EntryCopy copy = new EntryCopy(snapshot.connection(), all, new StoredEntry())) {
      for (StoredEntry entry = copy.next(); entry != null; entry = copy.next()) {
        append(entry, line.clear());
        out.write(line.array(), 0, line.length());
        if (++read == Meter.REPORT_ENTRIES) {
          meter.add(read);
          read = 0;
        }
      }
    }
    meter.add(read);
  }

  private static void writeLine(OutputStream out, ObjectNode line) throws IOException {
    out.write(JSON.writeValueAsBytes(line));
    out.write('\n');
  }

  private static ObjectNode header(
      LogSnapshot snapshot, @Nullable String tenantId, int tenants, long entries)
      throws SQLException {
    ObjectNode header =
        JSON.createObjectNode().put("format", ExportForm.FORMAT).put("version", ExportForm.VERSION);
    if (tenantId != null) {
      header.put("tenant", tenantId);
    }
    return header
        .put("entries", entries)
        .put("tenants", tenants)
        .put("headPosition", snapshot.headPosition());
  }

  private static ObjectNode line(RecordedHead head) {
    ObjectNode line = JSON.createObjectNode();
    line.putObject("head")
        .put("tenantId", head.tenantId())
        .put("tenantPosition", head.tenantPosition())
        .put("hash", head.hashHex());
    return line;
  }

  private static void append(StoredEntry entry, RecordBytes line) {
    Finding finding = entry.impossibleValue();
    if (finding == null) {
      finding = entry.ambiguousRecord();
    }
    if (finding != null) {
      throw new NotExportable(entry.tenantId(), finding);
    }
    line.raw(ExportForm.HASH).hex(entry.hash, 0, Entry.HASH_BYTES);
    line.raw(ExportForm.PREV_HASH).hex(entry.prevHash, 0, Entry.HASH_BYTES);
    line.raw(ExportForm.POSITION).number(entry.position).raw(ExportForm.RECORD);
    entry.appendRecord(line);
    line.raw(ExportForm.LINE_END);
  }
}

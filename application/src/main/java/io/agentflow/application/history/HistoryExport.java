package io.agentflow.application.history;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentflow.application.history.HistoryWalk.Entries;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.ChainLink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes one workflow's history as lines that anyone can check and fold again, in the form of
 * {@code docs/histories.md}: a header, then the entries as an export of the log has them. Memory
 * holds a stretch of them.
 */
final class HistoryExport {

  static final String FORMAT = "agentflow-workflow-export";
  static final int VERSION = 1;

  private static final JsonMapper JSON = new JsonMapper();
  private static final int READ_ENTRIES = 500;

  private HistoryExport() {}

  /** Writes all entries up to this one, which is of the workflow. */
  static void write(Entries entries, LogEntry last, OutputStream out) throws IOException {
    line(
        JSON.createObjectNode()
            .put("format", FORMAT)
            .put("version", VERSION)
            .put("tenantId", last.tenantId())
            .put("workflowId", last.aggregateId())
            .put("entries", last.sequenceNumber() + 1)
            .toString(),
        out);
    long sequence = -1;
    while (sequence < last.sequenceNumber()) {
      int wanted = (int) Math.min(READ_ENTRIES, last.sequenceNumber() - sequence);
      List<LogEntry> read = entries.after(sequence, wanted);
      for (LogEntry entry : read) {
        line(lineOf(entry), out);
      }
      sequence = read.getLast().sequenceNumber();
    }
    out.flush();
  }

  private static String lineOf(LogEntry entry) {
    return "{\"hash\":\"%s\",\"prevHash\":\"%s\",\"position\":%d,\"record\":%s}"
        .formatted(
            entry.hash().hex(), entry.prevHash().hex(), entry.position(), ChainLink.record(entry));
  }

  private static void line(String line, OutputStream out) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }
}

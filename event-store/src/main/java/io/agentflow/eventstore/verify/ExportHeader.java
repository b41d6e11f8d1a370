package io.agentflow.eventstore.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an export says before its entries.
 *
 * @param tenantId the only tenant; null when all were exported
 * @param headPosition the last position of the log, of all tenants
 * @param heads by tenant
 * @param entriesAt where in the file the first entry's line begins
 */
record ExportHeader(
    @Nullable String tenantId,
    long entries,
    long headPosition,
    Map<String, RecordedHead> heads,
    long entriesAt) {

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * Reads the header and the heads.
   *
   * @throws UnreadableExport when it is no export, or of another version, or cut short
   */
  static ExportHeader read(FileChannel file) throws IOException {
    ExportLines lines = new ExportLines(file);
    lines.turnTo(0, file.size());
    if (!beginsLikeExport(file)) {
      throw new UnreadableExport("this is no export of an AgentFlow log");
    }
    lines.next();
    JsonNode header = json(lines, 1);
    if (header.path("version").asInt() != ExportForm.VERSION) {
      throw new UnreadableExport(
          "the export has version %s; known is %d"
              .formatted(header.path("version"), ExportForm.VERSION));
    }
    long tenants = number(header, "tenants", 1);
    Map<String, RecordedHead> heads = new LinkedHashMap<>();
    for (long line = 2; line < tenants + 2; line++) {
      if (!lines.next() || !isHead(lines)) {
        throw new UnreadableExport(
            "line 1 counts %d heads, but line %d is none".formatted(tenants, line));
      }
      JsonNode head = json(lines, line).path("head");
      String tenantId = head.path("tenantId").asText();
      RecordedHead before =
          heads.put(
              tenantId,
              new RecordedHead(
                  tenantId, number(head, "tenantPosition", line), head.path("hash").asText()));
      if (before != null) {
        throw new UnreadableExport("line %d is a second head of %s".formatted(line, tenantId));
      }
    }
    return new ExportHeader(
        header.hasNonNull("tenant") ? header.path("tenant").asText() : null,
        number(header, "entries", 1),
        number(header, "headPosition", 1),
        heads,
        lines.nextLineAt());
  }

  private static boolean beginsLikeExport(FileChannel file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(ExportForm.HEADER.length);
    while (start.hasRemaining() && file.read(start, start.position()) > 0) {}
    return Arrays.equals(start.array(), ExportForm.HEADER);
  }

  private static boolean isHead(ExportLines lines) {
    int from = lines.lineFrom();
    int to = from + ExportForm.HEAD.length;
    return to <= lines.lineTo()
        && Arrays.equals(lines.bytes(), from, to, ExportForm.HEAD, 0, ExportForm.HEAD.length);
  }

  private static JsonNode json(ExportLines lines, long line) throws IOException {
    try {
      return JSON.readTree(lines.bytes(), lines.lineFrom(), lines.lineTo() - lines.lineFrom());
    } catch (JsonProcessingException e) {
      throw new UnreadableExport("line %d is no JSON: %s".formatted(line, e.getOriginalMessage()));
    }
  }

  private static long number(JsonNode object, String name, long line) throws UnreadableExport {
    JsonNode value = object.path(name);
    if (!value.canConvertToLong() || !value.isIntegralNumber()) {
      throw new UnreadableExport("line %d has no number \"%s\"".formatted(line, name));
    }
    return value.asLong();
  }

  /** The text that the inside of a JSON string stands for. */
  static String unescaped(String inside) {
    if (inside.indexOf('\\') < 0) {
      return inside;
    }
    try {
      return JSON.readValue("\"" + inside + "\"", String.class);
    } catch (JsonProcessingException e) {
      return inside;
    }
  }
}

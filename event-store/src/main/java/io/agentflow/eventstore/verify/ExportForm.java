package io.agentflow.eventstore.verify;

import static io.agentflow.eventstore.verify.RecordBytes.ascii;

/** The bytes of an export that stand at known places; {@code docs/export-format.md} explains it. */
final class ExportForm {

  static final String FORMAT = "agentflow-log-export";
  static final int VERSION = 1;

  static final byte[] HEADER = ascii("{\"format\":\"" + FORMAT + "\",");
  static final byte[] HEAD = ascii("{\"head\":{");
  static final byte[] HASH = ascii("{\"hash\":\"");
  static final byte[] PREV_HASH = ascii("\",\"prevHash\":\"");
  static final byte[] POSITION = ascii("\",\"position\":");
  static final byte[] RECORD = ascii(",\"record\":");
  static final byte[] LINE_END = ascii("}\n");

  /** The last members of a record, by which an entry is assigned to its place. */
  static final byte[] TENANT_ID = ascii(",\"tenantId\":\"");

  static final byte[] TENANT_POSITION = ascii("\",\"tenantPosition\":");

  private ExportForm() {}
}

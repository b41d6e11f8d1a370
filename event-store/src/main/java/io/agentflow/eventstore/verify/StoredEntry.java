package io.agentflow.eventstore.verify;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.agentflow.eventstore.Hash;
import java.nio.charset.StandardCharsets;

/**
 * An entry as the verifier reads it: nothing but text and hashes, so that no conversion can hide a
 * change. Its record is put together here once more, apart from the code that wrote it.
 */
record StoredEntry(
    long position,
    long tenantPosition,
    String eventId,
    String aggregateType,
    String aggregateId,
    long sequenceNumber,
    String eventType,
    int eventVersion,
    String occurredAt,
    String metadata,
    String payload,
    Hash prevHash,
    Hash hash) {

  /** The hash that these bytes have: SHA-256 over the previous hash and the record. */
  Hash derivedHash(String tenantId) {
    String record =
        "{\"aggregateId\":"
            + quoted(aggregateId)
            + ",\"aggregateType\":"
            + quoted(aggregateType)
            + ",\"eventId\":"
            + quoted(eventId)
            + ",\"eventType\":"
            + quoted(eventType)
            + ",\"eventVersion\":"
            + eventVersion
            + ",\"metadata\":"
            + metadata
            + ",\"occurredAt\":"
            + quoted(occurredAt)
            + ",\"payload\":"
            + payload
            + ",\"sequenceNumber\":"
            + sequenceNumber
            + ",\"tenantId\":"
            + quoted(tenantId)
            + ",\"tenantPosition\":"
            + tenantPosition
            + "}";
    return Hash.sha256(prevHash.bytes(), record.getBytes(StandardCharsets.UTF_8));
  }

  private static String quoted(String text) {
    return "\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}

package io.agentflow.eventstore.verify;

/**
 * Where a tenant's chain ends according to what its writer noted beside the log.
 *
 * @param hashHex as found, whatever its length
 */
record RecordedHead(String tenantId, long tenantPosition, String hashHex) {}

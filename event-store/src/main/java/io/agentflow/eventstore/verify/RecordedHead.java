package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.Hash;

/** Where a tenant's chain ends according to what its writer noted beside the log. */
record RecordedHead(long tenantPosition, Hash hash) {}

package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Hash;

/** Where a tenant's chain ends. */
record TenantHead(long tenantPosition, Hash hash) {

  static final TenantHead GENESIS = new TenantHead(0, Hash.GENESIS);
}

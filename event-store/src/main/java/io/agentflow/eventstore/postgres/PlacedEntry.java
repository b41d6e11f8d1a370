package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.Hash;

/** An entry with the place that it is to have in the log. */
record PlacedEntry(NewEntry entry, long position, long tenantPosition, Hash prevHash, Hash hash) {

  Appended appended() {
    return new Appended(entry.aggregateId(), entry.sequenceNumber(), position, hash);
  }
}

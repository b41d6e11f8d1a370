package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.NewReceipt;

/** A receipt with the entry that its answer names. */
record PlacedReceipt(NewReceipt receipt, Appended entry) {}

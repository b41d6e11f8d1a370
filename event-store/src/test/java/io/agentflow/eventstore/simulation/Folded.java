package io.agentflow.eventstore.simulation;

import io.agentflow.eventstore.Hash;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What a projection makes of one aggregate's events: an event that is missed, applied twice or out
 * of order shows in the digest.
 */
record Folded(long events, long amount, Hash digest) {

  static final Folded NOTHING = new Folded(0, 0, Hash.GENESIS);

  Folded with(UUID eventId, long sequenceNumber, long eventAmount) {
    byte[] event =
        (eventId + "/" + sequenceNumber + "/" + eventAmount).getBytes(StandardCharsets.UTF_8);
    return new Folded(events + 1, amount + eventAmount, Hash.sha256(digest.bytes(), event));
  }
}

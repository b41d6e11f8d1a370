package io.agentflow.projections;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;

/**
 * Where an event stands: its tenant, its aggregate's version, its position in the log, its time.
 *
 * @param version the event's sequence number in its aggregate, from 0
 */
public record Recorded(String tenantId, long version, long position, OffsetDateTime at) {

  /**
   * Reads it from a message of the log's stream.
   *
   * @throws IllegalArgumentException for a message that did not come from the log
   */
  public static Recorded of(EventMessage<?> message) {
    if (message instanceof DomainEventMessage<?> domain
        && message instanceof TrackedEventMessage<?> tracked
        && message.getMetaData().get("tenantId") instanceof String tenantId) {
      return new Recorded(
          tenantId,
          domain.getSequenceNumber(),
          tracked.trackingToken().position().orElseThrow(),
          message.getTimestamp().atOffset(ZoneOffset.UTC));
    }
    throw new IllegalArgumentException("not an entry of the log: " + message.getIdentifier());
  }
}

package io.agentflow.projections;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.function.Supplier;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;

/**
 * Where an event stands: its tenant, its aggregate's version, its position in the log, its time.
 */
public final class Recorded {

  private final Supplier<String> tenantId;
  private final long version;
  private final long position;
  private final OffsetDateTime at;

  private Recorded(Supplier<String> tenantId, long version, long position, OffsetDateTime at) {
    this.tenantId = tenantId;
    this.version = version;
    this.position = position;
    this.at = at;
  }

  /**
   * Reads it from a message of the log's stream.
   *
   * @throws IllegalArgumentException for a message that did not come from the log
   */
  public static Recorded of(EventMessage<?> message) {
    if (message instanceof DomainEventMessage<?> domain
        && message instanceof TrackedEventMessage<?> tracked) {
      return new Recorded(
          () -> tenantOf(message),
          domain.getSequenceNumber(),
          tracked.trackingToken().position().orElseThrow(),
          message.getTimestamp().atOffset(ZoneOffset.UTC));
    }
    throw notOfTheLog(message);
  }

  private static String tenantOf(EventMessage<?> message) {
    if (message.getMetaData().get("tenantId") instanceof String tenant) {
      return tenant;
    }
    throw notOfTheLog(message);
  }

  private static IllegalArgumentException notOfTheLog(EventMessage<?> message) {
    return new IllegalArgumentException("not an entry of the log: " + message.getIdentifier());
  }

  /** Read out of the metadata when it is asked for: most events change rows that have it. */
  public String tenantId() {
    return tenantId.get();
  }

  /** The event's sequence number in its aggregate, from 0. */
  public long version() {
    return version;
  }

  public long position() {
    return position;
  }

  public OffsetDateTime at() {
    return at;
  }
}

package io.agentflow.projections;

import java.util.stream.Stream;
import org.axonframework.eventhandling.TrackedEventMessage;

/** Reads from the log what an aggregate did, to fold it again. */
@FunctionalInterface
public interface PastEvents {

  /**
   * What this aggregate of a tenant did, in order; read page by page.
   *
   * @param afterPosition only what stands behind it in the log; 0 for all
   * @param lastPosition only what stands there or before it
   */
  Stream<? extends TrackedEventMessage<?>> of(
      String tenantId, String aggregateId, long afterPosition, long lastPosition);
}

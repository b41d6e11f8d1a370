package io.agentflow.projections;

import java.util.Collection;
import java.util.stream.Stream;
import org.axonframework.eventhandling.TrackedEventMessage;

/** Reads from the log what aggregates did, to fold it again. */
@FunctionalInterface
public interface PastEvents {

  /**
   * What these aggregates of a tenant did, in the log's order; read page by page.
   *
   * @param afterPosition only what stands behind it in the log; 0 for all
   * @param lastPosition only what stands there or before it
   */
  Stream<? extends TrackedEventMessage<?>> of(
      String tenantId, Collection<String> aggregateIds, long afterPosition, long lastPosition);
}

package io.agentflow.application.intake;

import org.axonframework.eventsourcing.IncompatibleAggregateException;

/** The caller's tenant has no such thing; another tenant's is simply not found. */
public final class NotInTenant extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public NotInTenant(String what, String id) {
    super("no %s %s in this tenant".formatted(what, id));
  }

  /**
   * Under the id there is something else: the events found are not of the kind that was asked for.
   */
  NotInTenant(IncompatibleAggregateException cause) {
    super("there is nothing of this kind under the id; look at the id again", cause);
  }
}

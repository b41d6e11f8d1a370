package io.agentflow.application.intake;

/** The caller's tenant has no such thing; another tenant's is simply not found. */
public final class NotInTenant extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public NotInTenant(String what, String id) {
    super("no %s %s in this tenant".formatted(what, id));
  }

  /** Under the id there is something else, which is not of the kind that was asked for. */
  NotInTenant(RuntimeException cause) {
    super("there is nothing of this kind under the id; look at the id again", cause);
  }
}

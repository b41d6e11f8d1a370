package io.agentflow.application.intake;

/** The caller's tenant has no such thing; another tenant's is simply not found. */
public final class NotInTenant extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public NotInTenant(String what, String id) {
    super("no %s %s in this tenant".formatted(what, id));
  }
}

package io.agentflow.application.intake;

/** The caller's tenant has no such thing; another tenant's is simply not found. */
public final class NotInTenant extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public NotInTenant(String what, String id) {
    super("no %s %s in this tenant".formatted(what, id));
  }

  /** Under the id there is nothing, or another tenant's, or something of another kind. */
  public NotInTenant(String id) {
    super(sentence(id));
  }

  NotInTenant(String id, RuntimeException cause) {
    super(sentence(id), cause);
  }

  /** The same for all of these: which of them it is, another tenant must not be told. */
  static String sentence(String id) {
    return "there is no %s of this kind in this tenant; look at the id, or create it first"
        .formatted(id);
  }
}

package io.agentflow.domain;

/** A value that no command may carry: missing, too long, out of range or of the wrong form. */
public final class InvalidField extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final String field;
  private final String requirement;

  /**
   * Names the field and what it has to be.
   *
   * @param requirement reads on from the field's name: {@code "must be 1 to 200 characters"}
   */
  public InvalidField(String field, String requirement) {
    super(field + " " + requirement);
    this.field = field;
    this.requirement = requirement;
  }

  public String field() {
    return field;
  }

  /** What the field has to be, without its name. */
  public String requirement() {
    return requirement;
  }
}

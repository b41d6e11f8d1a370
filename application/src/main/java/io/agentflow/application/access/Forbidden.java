package io.agentflow.application.access;

import io.agentflow.domain.tenant.Scope;
import org.jspecify.annotations.Nullable;

/** The caller is known, and this is not for it. */
public final class Forbidden extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final @Nullable Permission missing;

  private final transient @Nullable Scope scope;

  private Forbidden(String sentence, @Nullable Permission missing) {
    this(sentence, missing, null);
  }

  private Forbidden(String sentence, @Nullable Permission missing, @Nullable Scope scope) {
    super(sentence);
    this.missing = missing;
    this.scope = scope;
  }

  /** None of the caller's roles has the permission. */
  public static Forbidden without(Permission missing) {
    return new Forbidden("this needs the permission " + missing.word(), missing);
  }

  /** The caller has the permission elsewhere, but not in this part of the tenant. */
  public static Forbidden without(Permission missing, Scope scope) {
    return new Forbidden(
        "this needs the permission %s in %s%s"
            .formatted(
                missing.word(),
                scope.words(),
                scope.isTenant()
                    ? "; where a list takes project= and environment=, name those you have it in"
                    : ""),
        missing,
        scope);
  }

  /** The caller is an agent, and this is another's, or no agent's. */
  public static Forbidden toAgent(String sentence) {
    return new Forbidden(sentence, null);
  }

  /** The token is trusted, and does not say what it has to. */
  public static Forbidden byClaim(String claim, String form) {
    return new Forbidden("the token's claim %s must be %s".formatted(claim, form), null);
  }

  /** The request is meant for another tenant than the token's. */
  public static Forbidden inTenant(String tenantId) {
    return new Forbidden(
        "the token is for the tenant %s, and the request for another".formatted(tenantId), null);
  }

  /** Nobody has said who may do this: a fault of ours, on the safe side. */
  public static Forbidden unlisted(String operation) {
    return new Forbidden("nobody may " + operation, null);
  }

  /**
   * Where the permission is lacking that the caller has elsewhere; null where it has it nowhere.
   */
  public @Nullable Scope scope() {
    return scope;
  }

  /** What the caller lacks, where it is a permission. */
  public @Nullable Permission missing() {
    return missing;
  }
}

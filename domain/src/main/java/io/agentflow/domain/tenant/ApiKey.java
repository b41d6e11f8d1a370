package io.agentflow.domain.tenant;

import java.time.Instant;
import java.util.List;

/**
 * By which a program calls without a token. Of its secret only the SHA-256 is known.
 *
 * @param roles in the words of access, in their order
 * @param secretSha256 in hexadecimal
 * @param revoked whether it was called back; for good
 */
public record ApiKey(
    String name,
    List<String> roles,
    Scope scope,
    String secretSha256,
    Instant expiresAt,
    boolean revoked) {

  /** What the actor of whoever calls by a key begins with; the key's id follows. */
  public static final String ACTOR_PREFIX = "key:";

  public ApiKey {
    roles = List.copyOf(roles);
  }

  /** Whether it opens anything at this time. */
  public boolean isGoodAt(Instant at) {
    return !revoked && at.isBefore(expiresAt);
  }

  /** Whether it is the same but for its secret. */
  boolean isDescribedAs(ApiKey other) {
    return name.equals(other.name)
        && roles.equals(other.roles)
        && scope.equals(other.scope)
        && expiresAt.equals(other.expiresAt);
  }

  ApiKey asRevoked() {
    return new ApiKey(name, roles, scope, secretSha256, expiresAt, true);
  }
}

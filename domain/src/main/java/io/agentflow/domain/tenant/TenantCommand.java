package io.agentflow.domain.tenant;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Fingerprint;
import io.agentflow.domain.InvalidField;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What one may ask of a tenant. Each constructor throws {@link InvalidField} for a value that no
 * event could carry.
 */
public sealed interface TenantCommand {

  TenantId tenantId();

  /**
   * Gives somebody a role.
   *
   * @param principal the subject of its tokens
   * @param givable the roles that whoever asks may give
   */
  record BindRole(
      TenantId tenantId, String principal, String role, Scope scope, Set<String> givable)
      implements TenantCommand {

    public BindRole {
      Checks.principal("principal", principal);
      if (principal.startsWith(ApiKey.ACTOR_PREFIX)) {
        throw new InvalidField(
            "principal", "must be the subject of tokens; a key has the roles that it was issued");
      }
      Checks.localId("role", role);
      givable = Set.copyOf(givable);
    }

    /** Made of what it says, in the form of a UUID, so that the same is never bound twice. */
    public String bindingId() {
      return Fingerprint.sha256Hex(
              Arrays.asList(principal, role, scope.project(), scope.environment()))
          .replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12}).*", "$1-$2-$3-$4-$5");
    }
  }

  /** Takes a role away that was bound. */
  record UnbindRole(TenantId tenantId, String bindingId) implements TenantCommand {
    public UnbindRole {
      Checks.uuid("bindingId", bindingId);
    }
  }

  /**
   * Issues a key. Times are cut to a millisecond.
   *
   * @param roles what it may do, 1 to {@value #ROLES_MAX}
   * @param secretSha256 of its secret, in hexadecimal
   * @param at when it is issued; it lasts {@value #DAYS_MAX} days at most
   * @param givable the roles that whoever asks may give
   */
  record IssueKey(
      TenantId tenantId,
      String keyId,
      String name,
      List<String> roles,
      Scope scope,
      String secretSha256,
      Instant expiresAt,
      Instant at,
      Set<String> givable)
      implements TenantCommand {

    public static final int DAYS_MAX = 366;
    public static final int ROLES_MAX = 8;

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    public IssueKey {
      Checks.uuid("keyId", keyId);
      Checks.name("name", name);
      if (Checks.present("roles", roles).isEmpty() || roles.size() > ROLES_MAX) {
        throw new InvalidField(
            "roles", "must be 1 to %d, not %d".formatted(ROLES_MAX, roles.size()));
      }
      roles.forEach(role -> Checks.localId("roles", role));
      roles = roles.stream().distinct().sorted().toList();
      if (!SHA_256.matcher(Checks.present("secretSha256", secretSha256)).matches()) {
        throw new InvalidField("secretSha256", "must be 64 hexadecimal digits");
      }
      at = Checks.present("at", at).truncatedTo(ChronoUnit.MILLIS);
      expiresAt = Checks.present("expiresAt", expiresAt).truncatedTo(ChronoUnit.MILLIS);
      Instant latest = at.plus(Duration.ofDays(DAYS_MAX));
      if (!expiresAt.isAfter(at) || expiresAt.isAfter(latest)) {
        throw new InvalidField(
            "expiresAt",
            "must be after now and within %d days, until %s, not %s"
                .formatted(DAYS_MAX, latest, expiresAt));
      }
      givable = Set.copyOf(givable);
    }

    ApiKey key() {
      return new ApiKey(name, roles, scope, secretSha256, expiresAt, false);
    }
  }

  /** Calls a key back, for good. */
  record RevokeKey(TenantId tenantId, String keyId) implements TenantCommand {
    public RevokeKey {
      Checks.uuid("keyId", keyId);
    }
  }
}

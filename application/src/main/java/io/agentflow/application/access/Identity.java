package io.agentflow.application.access;

import io.agentflow.domain.Checks;
import io.agentflow.domain.tenant.ApiKey;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.tenant.TenantId;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whom a token or a key speaks for.
 *
 * @param actor the token's subject, or which key it is
 * @param roles by which it is known to approvals: all that the token names
 * @param access the roles that grant something here, and where
 * @param agentId the agent as which alone the bearer may act; null for everyone else
 */
public record Identity(
    String tenantId,
    String actor,
    List<String> roles,
    Set<RoleAt> access,
    @Nullable String agentId) {

  /** As whom the server itself acts: no token may claim it. */
  public static final String SYSTEM = "agentflow";

  /** How people, agents, roles and what belongs together may be called. */
  public static final Pattern NAME = Checks.PRINCIPAL;

  public static final String NAME_IN_WORDS = Checks.PRINCIPAL_IN_WORDS;

  public Identity {
    roles = List.copyOf(roles);
    access = Set.copyOf(access);
  }

  /**
   * Reads a trusted token's claims.
   *
   * @throws Forbidden naming the claim that is missing or not of its form
   */
  public static Identity of(Map<String, Object> claims, AccessSettings settings) {
    String tenant = text(claims, settings.tenantClaim(), TenantId.FORM, TenantId.FORM_IN_WORDS);
    String actor = text(claims, "sub", NAME, NAME_IN_WORDS);
    if (actor.equals(SYSTEM)) {
      throw Forbidden.byClaim("sub", "another than " + SYSTEM + ", which is the server itself");
    }
    if (actor.startsWith(ApiKey.ACTOR_PREFIX)) {
      throw Forbidden.byClaim("sub", "another than " + ApiKey.ACTOR_PREFIX + "…, which are keys");
    }
    List<String> roles = roles(claims, settings.rolesClaim());
    EnumSet<Role> access = EnumSet.noneOf(Role.class);
    roles.forEach(role -> Role.of(role).ifPresent(access::add));
    String agentId = null;
    if (claims.containsKey(AccessSettings.AGENT_CLAIM)) {
      agentId = text(claims, AccessSettings.AGENT_CLAIM, NAME, "an agent's id");
      access.retainAll(EnumSet.of(Role.AGENT));
    } else if (access.contains(Role.AGENT)) {
      throw Forbidden.byClaim(
          AccessSettings.AGENT_CLAIM, "the agent's id, since the token has the role agent");
    }
    return new Identity(
        tenant,
        actor,
        roles,
        access.stream().map(role -> new RoleAt(role, Scope.TENANT)).collect(Collectors.toSet()),
        agentId);
  }

  /**
   * Whoever calls by a key.
   *
   * @throws IllegalArgumentException when the key has a role that there is not
   */
  static Identity ofKey(String tenantId, String keyId, ApiKey key) {
    return new Identity(
        tenantId,
        ApiKey.ACTOR_PREFIX + keyId,
        List.of(),
        key.roles().stream()
            .map(role -> new RoleAt(Role.of(role).orElseThrow(), key.scope()))
            .collect(Collectors.toSet()),
        null);
  }

  /** The same, with the roles that the tenant itself has given; an agent is given none. */
  public Identity with(Collection<RoleAt> bound) {
    if (bound.isEmpty() || agentId != null) {
      return this;
    }
    Set<RoleAt> all = new HashSet<>(access);
    all.addAll(bound);
    return new Identity(tenantId, actor, roles, all, null);
  }

  /** The same, known to approvals by the roles as well that count in a part of the tenant. */
  public Identity in(Scope scope) {
    List<String> known =
        Stream.concat(
                roles.stream(),
                access.stream().filter(at -> at.scope().covers(scope)).map(at -> at.role().word()))
            .distinct()
            .toList();
    return known.size() == roles.size()
        ? this
        : new Identity(tenantId, actor, known, access, agentId);
  }

  /** Whether one of the roles has the permission in the whole tenant. */
  public boolean may(Permission permission) {
    return may(permission, Scope.TENANT);
  }

  /** Whether one of the roles has the permission in this part of the tenant. */
  public boolean may(Permission permission, Scope scope) {
    return roles(permission).anyMatch(at -> at.scope().covers(scope));
  }

  /** Whether one of the roles has the permission anywhere. */
  public boolean mayAnywhere(Permission permission) {
    return roles(permission).findAny().isPresent();
  }

  private Stream<RoleAt> roles(Permission permission) {
    return access.stream().filter(at -> permissions(at.role()).contains(permission));
  }

  /** What one of the roles lets the caller do. */
  public Set<Permission> permissions(Role role) {
    if (!isKey()) {
      return role.permissions();
    }
    Set<Permission> ofKeys = EnumSet.copyOf(role.permissions());
    ofKeys.removeAll(Permission.OF_NO_KEY);
    return ofKeys;
  }

  /** Whether it calls by a key; no token can say so. */
  public boolean isKey() {
    return actor.startsWith(ApiKey.ACTOR_PREFIX);
  }

  /** Whether where a request stands makes a difference. */
  public boolean isBoundToParts() {
    return access.stream().anyMatch(at -> !at.scope().isTenant());
  }

  private static String text(
      Map<String, Object> claims, String path, Pattern form, String formInWords) {
    if (at(claims, path) instanceof String value && form.matcher(value).matches()) {
      return value;
    }
    throw Forbidden.byClaim(path, formInWords);
  }

  /** A list of names, or one. What is not of a name's form nothing here can ask for. */
  private static List<String> roles(Map<String, Object> claims, String path) {
    Stream<?> named =
        switch (at(claims, path)) {
          case Collection<?> several -> several.stream();
          case String one -> Arrays.stream(one.split("[ ,]+", -1));
          case null, default -> Stream.empty();
        };
    return named
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .filter(role -> NAME.matcher(role).matches())
        .distinct()
        .toList();
  }

  /** The claim of this name, dots and all, as some issuers have it; else what the path leads to. */
  private static @Nullable Object at(Map<String, Object> claims, String path) {
    Object whole = claims.get(path);
    int dot = path.indexOf('.');
    if (whole != null || dot < 0) {
      return whole;
    }
    return claims.get(path.substring(0, dot)) instanceof Map<?, ?> inner
        ? at(named(inner), path.substring(dot + 1))
        : null;
  }

  private static Map<String, Object> named(Map<?, ?> inner) {
    Map<String, Object> named = new HashMap<>();
    inner.forEach(
        (name, value) -> {
          if (name instanceof String key && value != null) {
            named.put(key, value);
          }
        });
    return named;
  }
}

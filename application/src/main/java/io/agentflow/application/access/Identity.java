package io.agentflow.application.access;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whom a token speaks for.
 *
 * @param actor the token's subject
 * @param roles all that the token names, for approvals; {@code access} are those that grant
 *     something here
 * @param agentId the agent as which alone the bearer may act; null for everyone else
 */
public record Identity(
    String tenantId, String actor, List<String> roles, Set<Role> access, @Nullable String agentId) {

  /** As whom the server itself acts: no token may claim it. */
  public static final String SYSTEM = "agentflow";

  private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /** How people, agents, roles and what belongs together may be called. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:@/-]{1,128}");

  public static final String NAME_IN_WORDS = "1 to 128 of A-Z, a-z, 0-9 and ._:@/-";

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
    String tenant =
        text(
            claims,
            settings.tenantClaim(),
            TENANT,
            "a tenant: 1 to 63 of a-z, 0-9 and -, no - first");
    String actor = text(claims, "sub", NAME, NAME_IN_WORDS);
    if (actor.equals(SYSTEM)) {
      throw Forbidden.byClaim("sub", "another than " + SYSTEM + ", which is the server itself");
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
    return new Identity(tenant, actor, roles, access, agentId);
  }

  /** Whether one of the roles has the permission. */
  public boolean may(Permission permission) {
    return access.stream().anyMatch(role -> role.permissions().contains(permission));
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

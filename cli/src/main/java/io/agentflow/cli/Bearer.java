package io.agentflow.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a token of this machine speaks for.
 *
 * @param roles as they are asked for; where none of them grants anything, those of the machine's
 *     owner are added
 * @param agentId the agent as which alone the bearer may act
 */
public record Bearer(String tenant, String actor, List<String> roles, @Nullable String agentId) {

  public static final Duration LIFETIME_DEFAULT = Duration.ofMinutes(60);
  public static final Duration LIFETIME_MAX = Duration.ofHours(24);

  private static final String AUDIENCE = "agentflow";
  private static final String AGENT = "agent";
  private static final List<String> OWNER = List.of("admin", "steward");
  private static final Set<String> GRANTING =
      Set.of("viewer", "operator", "engineer", "admin", "auditor", "steward", AGENT);

  public Bearer {
    roles = List.copyOf(roles);
  }

  /** The machine's owner under some name. */
  public static Bearer owner(String tenant, String actor) {
    return new Bearer(tenant, actor, List.of(), null);
  }

  /** An agent, which may act only as itself. */
  public static Bearer agent(String tenant, String agentId) {
    return new Bearer(tenant, "agent:" + agentId, List.of(AGENT), agentId);
  }

  /**
   * A token that is trusted by the server that has the key.
   *
   * @throws IllegalArgumentException when the lifetime is not above 0 or beyond the longest
   */
  public String token(DevelopmentKey key, Instant now, Duration lifetime) {
    if (!lifetime.isPositive() || lifetime.compareTo(LIFETIME_MAX) > 0) {
      throw new IllegalArgumentException(
          "a token lasts 1 to %d minutes, not %d"
              .formatted(LIFETIME_MAX.toMinutes(), lifetime.toMinutes()));
    }
    ObjectNode claims =
        JsonNodeFactory.instance
            .objectNode()
            .put("iss", DevelopmentKey.ISSUER)
            .put("aud", AUDIENCE)
            .put("sub", actor)
            .put("tenant", tenant)
            .put("iat", now.getEpochSecond())
            .put("exp", now.plus(lifetime).getEpochSecond());
    ArrayNode named = claims.putArray("roles");
    granted().forEach(named::add);
    if (agentId != null) {
      claims.put("agent_id", agentId);
    }
    return key.sign(claims);
  }

  private List<String> granted() {
    List<String> granted = new ArrayList<>(roles);
    if (roles.stream().noneMatch(GRANTING::contains)) {
      granted.addAll(OWNER);
    }
    return granted;
  }
}

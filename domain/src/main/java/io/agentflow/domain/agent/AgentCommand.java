package io.agentflow.domain.agent;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.planning.AutonomyMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one may ask of an agent. Each constructor throws {@link InvalidField} for a value that no
 * event could carry.
 */
public sealed interface AgentCommand {

  AgentId agentId();

  /**
   * Makes an agent known.
   *
   * @param role what it does, in a word or two
   * @param model which language model answers for it, where one does
   */
  record RegisterAgent(
      AgentId agentId, String name, String role, @Nullable String model, Abilities abilities)
      implements AgentCommand {
    public RegisterAgent {
      Checks.name("name", name);
      Checks.name("role", role);
      if (model != null) {
        Checks.name("model", model);
      }
      abilities = abilities.checked();
    }
  }

  /** Changes what an agent can do or may do. What is null stays as it is. */
  record ChangeCapabilities(
      AgentId agentId,
      @Nullable List<String> capabilities,
      @Nullable List<String> tools,
      @Nullable Integer concurrency,
      @Nullable AutonomyMode autonomy)
      implements AgentCommand {
    public ChangeCapabilities {
      if (capabilities != null) {
        Abilities.names("capabilities", capabilities);
        capabilities = List.copyOf(capabilities);
      }
      if (tools != null) {
        Abilities.names("tools", tools);
        tools = List.copyOf(tools);
      }
      if (concurrency != null) {
        Abilities.concurrency(concurrency);
      }
    }
  }

  /** Gives an agent no more work until it is activated. */
  record SuspendAgent(AgentId agentId, String reason) implements AgentCommand {
    public SuspendAgent {
      Checks.name("reason", reason);
    }
  }

  /** Ends a suspension. */
  record ActivateAgent(AgentId agentId) implements AgentCommand {}

  /** Takes an agent out of service, for good. */
  record RetireAgent(AgentId agentId, String reason) implements AgentCommand {
    public RetireAgent {
      Checks.name("reason", reason);
    }
  }

  /**
   * Notes that an agent asks for work again, or for the first time. Times are cut to a millisecond.
   */
  record ComeOnline(AgentId agentId, Instant at) implements AgentCommand {
    public ComeOnline {
      at = Checks.present("at", at).truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /**
   * Notes that nothing was heard of an agent for too long. Times are cut to a millisecond.
   *
   * @param at when that was noticed
   */
  record GoOffline(AgentId agentId, Instant at, Instant lastSeenAt) implements AgentCommand {
    public GoOffline {
      at = Checks.present("at", at).truncatedTo(ChronoUnit.MILLIS);
      lastSeenAt = Checks.present("lastSeenAt", lastSeenAt).truncatedTo(ChronoUnit.MILLIS);
      if (lastSeenAt.isAfter(at)) {
        throw new InvalidField("lastSeenAt", "must not be after " + at + ", not " + lastSeenAt);
      }
    }
  }
}

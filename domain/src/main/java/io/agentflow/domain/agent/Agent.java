package io.agentflow.domain.agent;

import io.agentflow.domain.Decision;
import io.agentflow.domain.agent.AgentCommand.ActivateAgent;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentCommand.ComeOnline;
import io.agentflow.domain.agent.AgentCommand.GoOffline;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentCommand.SuspendAgent;
import io.agentflow.domain.agent.AgentEvent.AgentActivated;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentRetired;
import io.agentflow.domain.agent.AgentEvent.AgentSuspended;
import io.agentflow.domain.agent.AgentEvent.AgentWentOffline;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.domain.agent.AgentRejection.DifferentAgentExists;
import io.agentflow.domain.agent.AgentRejection.OutOfService;
import io.agentflow.domain.agent.AgentRejection.UnknownAgent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who does the work. Its phase is its type: before it exists, active, suspended, retired. Whether
 * it is there at the moment is another matter: an active agent may be offline.
 */
public sealed interface Agent {

  /** Nothing is known under this id. */
  record Absent() implements Agent {}

  /** Any agent that was registered. */
  sealed interface Known extends Agent {
    Profile profile();
  }

  /** In service. */
  record Active(Profile profile) implements Known {}

  /** Given no work for the time being. */
  record Suspended(Profile profile, String reason) implements Known {}

  /** Out of service for good. */
  record Retired(Profile profile, String reason) implements Known {}

  /**
   * What an agent is in every phase.
   *
   * @param firstAbilities those that were first given beyond its tools, by which a repeated
   *     registration is known
   */
  record Profile(
      AgentRegistered registered,
      @Nullable Abilities firstAbilities,
      Abilities abilities,
      Presence presence) {

    private boolean isRegisteredAs(AgentRegistered other, Abilities given) {
      return registered.equals(other)
          && (given.isOfToolsAlone() || given.equals(firstAbilities) || given.equals(abilities));
    }

    private Profile with(Abilities now) {
      return new Profile(registered, firstAbilities == null ? now : firstAbilities, now, presence);
    }

    private Profile with(Presence now) {
      return new Profile(registered, firstAbilities, abilities, now);
    }
  }

  /**
   * Whether an agent is there.
   *
   * @param epochMillis since when it is online, or when it was last seen
   */
  record Presence(boolean online, long epochMillis) {

    /** Of an agent that was never seen. */
    static final Presence NEVER = new Presence(false, Long.MIN_VALUE);
  }

  static Agent initial() {
    return new Absent();
  }

  /** What happens when this is asked of an agent in this state. */
  static Decision<AgentEvent, AgentRejection> decide(AgentCommand command, Agent agent) {
    return switch (agent) {
      case Absent absent when command instanceof RegisterAgent register -> register(register);
      case Absent absent -> Decision.reject(new UnknownAgent(command.agentId().value()));
      case Known known -> decide(command, known);
    };
  }

  private static Decision<AgentEvent, AgentRejection> decide(AgentCommand command, Known agent) {
    return switch (command) {
      case RegisterAgent register -> registerAgain(register, agent.profile());
      case RetireAgent retire -> retire(retire, agent);
      case GoOffline offline -> goOffline(offline, agent.profile().presence());
      case AgentCommand other when agent instanceof Retired ->
          Decision.reject(new OutOfService(other.agentId().value()));
      case ChangeCapabilities change -> change(change, agent.profile().abilities());
      case SuspendAgent suspend -> suspend(suspend, agent);
      case ActivateAgent activate -> activate(activate, agent);
      case ComeOnline online -> comeOnline(online, agent.profile().presence());
    };
  }

  private static AgentRegistered registered(RegisterAgent command) {
    return new AgentRegistered(
        command.agentId().value(),
        command.name(),
        command.role(),
        command.model(),
        command.abilities().tools());
  }

  private static CapabilitiesChanged changed(AgentId agentId, Abilities abilities) {
    return new CapabilitiesChanged(
        agentId.value(),
        abilities.capabilities(),
        abilities.tools(),
        abilities.concurrency(),
        abilities.autonomy().word());
  }

  private static Decision<AgentEvent, AgentRejection> register(RegisterAgent command) {
    AgentRegistered registered = registered(command);
    return command.abilities().isOfToolsAlone()
        ? Decision.accept(registered)
        : new Decision.Accepted<>(
            List.of(registered, changed(command.agentId(), command.abilities())));
  }

  private static Decision<AgentEvent, AgentRejection> registerAgain(
      RegisterAgent command, Profile before) {
    return before.isRegisteredAs(registered(command), command.abilities())
        ? Decision.alreadySo()
        : Decision.reject(new DifferentAgentExists(command.agentId().value()));
  }

  private static Decision<AgentEvent, AgentRejection> change(
      ChangeCapabilities command, Abilities before) {
    Abilities after = before.changedBy(command);
    return after.equals(before)
        ? Decision.alreadySo()
        : Decision.accept(changed(command.agentId(), after));
  }

  private static Decision<AgentEvent, AgentRejection> suspend(SuspendAgent command, Known agent) {
    return agent instanceof Active
        ? Decision.accept(new AgentSuspended(command.agentId().value(), command.reason()))
        : Decision.alreadySo();
  }

  private static Decision<AgentEvent, AgentRejection> activate(ActivateAgent command, Known agent) {
    return agent instanceof Active
        ? Decision.alreadySo()
        : Decision.accept(new AgentActivated(command.agentId().value()));
  }

  private static Decision<AgentEvent, AgentRejection> retire(RetireAgent command, Known agent) {
    return agent instanceof Retired
        ? Decision.alreadySo()
        : Decision.accept(new AgentRetired(command.agentId().value(), command.reason()));
  }

  /** A repetition that comes late tells of a time before the agent was last seen: it is past. */
  private static Decision<AgentEvent, AgentRejection> comeOnline(
      ComeOnline command, Presence presence) {
    return presence.online() || command.at().toEpochMilli() <= presence.epochMillis()
        ? Decision.alreadySo()
        : Decision.accept(new AgentCameOnline(command.agentId().value(), command.at().toString()));
  }

  /** One that was not seen before it came online has come back since: that is past, too. */
  private static Decision<AgentEvent, AgentRejection> goOffline(
      GoOffline command, Presence presence) {
    return !presence.online() || command.lastSeenAt().toEpochMilli() < presence.epochMillis()
        ? Decision.alreadySo()
        : Decision.accept(
            new AgentWentOffline(command.agentId().value(), command.lastSeenAt().toString()));
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Agent evolve(Agent agent, AgentEvent event) {
    return switch (agent) {
      case Absent absent when event instanceof AgentRegistered registered ->
          new Active(
              new Profile(registered, null, Abilities.ofTools(registered.tools()), Presence.NEVER));
      case Absent absent -> agent;
      case Known known -> evolve(known, event);
    };
  }

  private static Agent evolve(Known agent, AgentEvent event) {
    Profile profile = agent.profile();
    return switch (event) {
      case AgentRegistered again -> agent;
      case CapabilitiesChanged changed -> with(agent, profile.with(Abilities.of(changed)));
      case AgentSuspended suspended -> new Suspended(profile, suspended.reason());
      case AgentActivated activated -> new Active(profile);
      case AgentRetired retired -> new Retired(profile, retired.reason());
      case AgentCameOnline online ->
          with(agent, profile.with(new Presence(true, epochMillis(online.at()))));
      case AgentWentOffline offline ->
          with(agent, profile.with(new Presence(false, epochMillis(offline.lastSeenAt()))));
    };
  }

  private static Agent with(Known agent, Profile profile) {
    return switch (agent) {
      case Active active -> new Active(profile);
      case Suspended suspended -> new Suspended(profile, suspended.reason());
      case Retired retired -> new Retired(profile, retired.reason());
    };
  }

  private static long epochMillis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}

package io.agentflow.application.work;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.agent.AgentCommand.ComeOnline;
import io.agentflow.domain.agent.AgentId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Notices which agents ask for work. That one came online is an event, and so is that nothing was
 * heard of it for {@link WorkSettings#agentOfflineAfter}; that it is still there is only noted.
 */
@Component
class Presence {

  private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
  private static final int NOTES_BEFORE_OFFLINE = 9;

  private final WorkLoop loop;
  private final Commands commands;
  private final Heartbeats heartbeats;
  private final Clock clock;
  private final Duration offlineAfter;
  private final Map<String, Instant> noted = new ConcurrentHashMap<>();

  Presence(
      WorkLoop loop, Commands commands, Heartbeats heartbeats, Clock clock, WorkSettings settings) {
    this.loop = loop;
    this.commands = commands;
    this.heartbeats = heartbeats;
    this.clock = clock;
    this.offlineAfter = settings.agentOfflineAfter();
  }

  static String name(String agentId) {
    return "presence:" + agentId;
  }

  /**
   * To be called whenever an agent is heard of.
   *
   * @throws AggregateNotFoundException when it is no agent of the caller's tenant: of another's
   *     nothing is noted
   */
  void seen(Caller caller, AgentId agentId) {
    Instant now = clock.instant();
    if (!loop.work().isOnline(caller.tenantId(), agentId.value())) {
      comeOnline(caller, agentId, now);
    }
    Instant before = noted.get(agentId.value());
    if (before == null || before.plus(offlineAfter.dividedBy(NOTES_BEFORE_OFFLINE)).isBefore(now)) {
      noted.put(agentId.value(), now);
      heartbeats.prolong(name(agentId.value()), now.plus(offlineAfter));
    }
  }

  private void comeOnline(Caller caller, AgentId agentId, Instant now) {
    try {
      commands.send(caller, agentId.value(), new ComeOnline(agentId, now));
    } catch (CommandRejected e) {
      LOG.debug("agent {} is not in service: {}", agentId.value(), e.getMessage());
    }
  }
}

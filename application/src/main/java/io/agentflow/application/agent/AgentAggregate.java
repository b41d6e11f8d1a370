package io.agentflow.application.agent;

import io.agentflow.application.Decided;
import io.agentflow.application.TenantFence;
import io.agentflow.domain.agent.Agent;
import io.agentflow.domain.agent.AgentCommand;
import io.agentflow.domain.agent.AgentCommand.ActivateAgent;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentCommand.ComeOnline;
import io.agentflow.domain.agent.AgentCommand.GoOffline;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentCommand.SuspendAgent;
import io.agentflow.domain.agent.AgentEvent;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** Axon's side of an agent: which commands there are. {@link Agent} decides. */
@AggregateRoot(type = "agent")
public class AgentAggregate extends TenantFence {

  @AggregateIdentifier private @Nullable String agentId;
  private Agent agent = Agent.initial();

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(RegisterAgent command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ChangeCapabilities command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(SuspendAgent command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ActivateAgent command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(RetireAgent command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ComeOnline command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(GoOffline command) {
    return decide(command);
  }

  private Decided decide(AgentCommand command) {
    return Decided.apply(Agent.decide(command, agent));
  }

  @EventSourcingHandler
  void on(AgentEvent event, MetaData metadata) {
    ownedBy(metadata);
    agentId = event.agentId();
    agent = Agent.evolve(agent, event);
  }

  @Override
  protected @Nullable String aggregateId() {
    return agentId;
  }
}

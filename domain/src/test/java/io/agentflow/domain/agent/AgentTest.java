package io.agentflow.domain.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.domain.Histories;
import io.agentflow.domain.agent.Agent.Retired;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentRejection.DifferentAgentExists;
import io.agentflow.domain.agent.AgentRejection.UnknownAgent;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentTest {

  private static final AgentId ID = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  private static final RegisterAgent REGISTER =
      new RegisterAgent(ID, "bot", "support", "gpt-4o", List.of("search"));
  private static final RetireAgent RETIRE = new RetireAgent(ID, "replaced");

  private final Histories<AgentCommand, AgentEvent, Agent, AgentRejection> agent =
      new Histories<>(Agent.initial(), Agent::decide, Agent::evolve);

  @Test
  void an_agent_is_registered_once_and_retired_once() {
    agent.given(REGISTER);
    agent.isAlreadySo(REGISTER);
    agent.given(RETIRE);
    agent.isAlreadySo(RETIRE);
    agent.isAlreadySo(REGISTER);

    assertThat(agent.events()).hasSize(2);
    assertThat(agent.state()).isInstanceOf(Retired.class);
  }

  @Test
  void another_description_under_the_same_id_is_refused() {
    agent
        .given(REGISTER)
        .refuses(
            new RegisterAgent(ID, "bot", "sales", null, List.of()),
            new DifferentAgentExists(ID.value()));
  }

  @Test
  void an_unknown_agent_is_not_retired() {
    agent.refuses(RETIRE, new UnknownAgent(ID.value()));
  }
}

package io.agentflow.application.agent;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** An agent's commands over HTTP. */
@RestController
@RequestMapping("/v1/agents")
class AgentHttp {

  private final Commands commands;

  AgentHttp(Commands commands) {
    this.commands = commands;
  }

  record RegisterRequest(
      @Nullable String agentId,
      String name,
      String role,
      @Nullable String model,
      @Nullable List<String> tools) {}

  record RetireRequest(String reason) {}

  @PostMapping
  ResponseEntity<CommandAnswer> register(
      @RequestAttribute Caller caller, @RequestBody RegisterRequest request) {
    AgentId id = new AgentId(Commands.idOr(request.agentId()));
    return commands.create(
        caller,
        id.value(),
        new RegisterAgent(
            id,
            request.name(),
            request.role(),
            request.model(),
            request.tools() == null ? List.of() : request.tools()));
  }

  @PostMapping("/{agentId}/retire")
  ResponseEntity<CommandAnswer> retire(
      @RequestAttribute Caller caller,
      @PathVariable String agentId,
      @RequestBody RetireRequest request) {
    AgentId id = new AgentId(agentId);
    return commands.change(caller, id.value(), new RetireAgent(id, request.reason()));
  }
}

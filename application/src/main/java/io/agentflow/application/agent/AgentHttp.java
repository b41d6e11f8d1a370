package io.agentflow.application.agent;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.AgentCommand;
import io.agentflow.domain.agent.AgentCommand.ActivateAgent;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentCommand.SuspendAgent;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.planning.AutonomyMode;
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
      @Nullable List<String> tools,
      @Nullable List<String> capabilities,
      @Nullable Integer concurrency,
      @Nullable String autonomy) {

    Abilities abilities() {
      return new Abilities(
          capabilities == null ? List.of() : capabilities,
          tools == null ? List.of() : tools,
          concurrency == null ? Abilities.CONCURRENCY_DEFAULT : concurrency,
          autonomy == null ? Abilities.AUTONOMY_DEFAULT : AutonomyMode.of(autonomy));
    }
  }

  /** What is left out stays as it is. */
  record CapabilitiesRequest(
      @Nullable List<String> capabilities,
      @Nullable List<String> tools,
      @Nullable Integer concurrency,
      @Nullable String autonomy) {}

  record ReasonRequest(String reason) {}

  /**
   * Registers an agent, by which it is in service. Under the id that the client brings, it may be
   * asked again.
   */
  @PostMapping
  ResponseEntity<CommandAnswer> register(
      @RequestAttribute Caller caller, @RequestBody RegisterRequest request) {
    AgentId id = new AgentId(Commands.idOr(request.agentId()));
    return commands.create(
        caller,
        id.value(),
        new RegisterAgent(
            id, request.name(), request.role(), request.model(), request.abilities()));
  }

  /** Says what an agent can do from now on. What is left out stays as it is. */
  @PostMapping("/{agentId}/capabilities")
  ResponseEntity<CommandAnswer> changeCapabilities(
      @RequestAttribute Caller caller,
      @PathVariable String agentId,
      @RequestBody CapabilitiesRequest request) {
    return change(
        caller,
        new ChangeCapabilities(
            new AgentId(agentId),
            request.capabilities(),
            request.tools(),
            request.concurrency(),
            request.autonomy() == null ? null : AutonomyMode.of(request.autonomy())));
  }

  /** Takes an agent out of service until it is activated: it gets no more steps. */
  @PostMapping("/{agentId}/suspend")
  ResponseEntity<CommandAnswer> suspend(
      @RequestAttribute Caller caller,
      @PathVariable String agentId,
      @RequestBody ReasonRequest request) {
    return change(caller, new SuspendAgent(new AgentId(agentId), request.reason()));
  }

  /** Puts a suspended agent back into service. */
  @PostMapping("/{agentId}/activate")
  ResponseEntity<CommandAnswer> activate(
      @RequestAttribute Caller caller, @PathVariable String agentId) {
    return change(caller, new ActivateAgent(new AgentId(agentId)));
  }

  /** Takes an agent out of service for ever. */
  @PostMapping("/{agentId}/retire")
  ResponseEntity<CommandAnswer> retire(
      @RequestAttribute Caller caller,
      @PathVariable String agentId,
      @RequestBody ReasonRequest request) {
    return change(caller, new RetireAgent(new AgentId(agentId), request.reason()));
  }

  private ResponseEntity<CommandAnswer> change(Caller caller, AgentCommand command) {
    return commands.change(caller, command.agentId().value(), command);
  }
}

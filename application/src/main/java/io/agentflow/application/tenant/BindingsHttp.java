package io.agentflow.application.tenant;

import io.agentflow.application.access.TenantDirectory;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands.Done;
import io.agentflow.domain.tenant.Binding;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.tenant.TenantCommand.BindRole;
import io.agentflow.domain.tenant.TenantCommand.UnbindRole;
import io.agentflow.domain.tenant.TenantId;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Roles that a tenant gives by its own word, over HTTP. */
@RestController
@RequestMapping("/v1/access/bindings")
class BindingsHttp {

  private final TenantCommands commands;
  private final TenantDirectory directory;

  BindingsHttp(TenantCommands commands, TenantDirectory directory) {
    this.commands = commands;
    this.directory = directory;
  }

  /**
   * Who is to have which role, and where.
   *
   * @param principal the subject of its tokens
   * @param role viewer, operator, engineer, admin, auditor or steward
   * @param project where it counts; the whole tenant where it is left out
   * @param environment where it counts; all of the project where it is left out
   */
  record BindRequest(
      String principal, String role, @Nullable String project, @Nullable String environment) {}

  /**
   * A role that somebody has.
   *
   * @param principal the subject of its tokens
   * @param project where it counts; null for the whole tenant
   * @param environment where it counts; null for all of the project
   */
  record RoleBinding(
      String bindingId,
      String principal,
      String role,
      @Nullable String project,
      @Nullable String environment) {

    private static RoleBinding of(String id, Binding binding) {
      return new RoleBinding(
          id,
          binding.principal(),
          binding.role(),
          binding.scope().project(),
          binding.scope().environment());
    }
  }

  /** All of them at once: there are 1,000 at most. */
  record RoleBindings(List<RoleBinding> items) {}

  /** Lists who has which role by the tenant's own word; what tokens say besides is not known. */
  @GetMapping
  RoleBindings listBindings(@RequestAttribute Caller caller) {
    return new RoleBindings(
        directory.tenant(caller.tenantId()).bindings().asMap().entrySet().stream()
            .filter(entry -> entry.getValue().bound())
            .map(entry -> RoleBinding.of(entry.getKey(), entry.getValue()))
            .sorted(
                Comparator.comparing(RoleBinding::principal)
                    .thenComparing(RoleBinding::role)
                    .thenComparing(RoleBinding::bindingId))
            .toList());
  }

  /**
   * Gives somebody a role, in the tenant or a part of it. Nobody gives one that lets do what he may
   * not do himself. The answer's id is the binding's, made of what it says.
   */
  @PostMapping
  ResponseEntity<CommandAnswer> bindRole(
      @RequestAttribute Caller caller, @RequestBody BindRequest request) {
    BindRole bind =
        new BindRole(
            new TenantId(caller.tenantId()),
            request.principal(),
            TenantCommands.role("role", request.role()),
            new Scope(request.project(), request.environment()),
            TenantCommands.givableBy(caller));
    Done done = commands.send(caller, bind, HttpStatus.CREATED);
    return TenantAnswers.of(
        done.changed() ? HttpStatus.CREATED : HttpStatus.OK, done.entry(), bind.bindingId());
  }

  /** Takes a role away that was given. It counts no more once this is answered. */
  @PostMapping("/{bindingId}/remove")
  ResponseEntity<CommandAnswer> removeBinding(
      @RequestAttribute Caller caller, @PathVariable String bindingId) {
    Done done =
        commands.send(
            caller, new UnbindRole(new TenantId(caller.tenantId()), bindingId), HttpStatus.OK);
    return TenantAnswers.of(HttpStatus.OK, done.entry(), bindingId);
  }
}

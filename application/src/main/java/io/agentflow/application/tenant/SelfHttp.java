package io.agentflow.application.tenant;

import io.agentflow.application.access.Identity;
import io.agentflow.application.access.Permission;
import io.agentflow.application.access.RoleAt;
import io.agentflow.application.intake.Caller;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** Who calls, told to the caller. */
@RestController
class SelfHttp {

  /**
   * The caller, as the server knows it.
   *
   * @param actor as the log has it: the token's subject, or `key:` and the key's id
   * @param agentId the agent as which alone it may act; null for everyone else
   * @param roles by which approvals know it besides: all that its token names
   * @param access the roles that grant something, by the token, by bindings or by the key
   */
  record Self(
      String tenantId,
      String actor,
      @Nullable String agentId,
      List<String> roles,
      List<Access> access) {}

  /**
   * A role, and what it grants where.
   *
   * @param project where it counts; null for the whole tenant
   * @param environment where it counts; null for all of the project
   */
  record Access(
      String role,
      @Nullable String project,
      @Nullable String environment,
      List<String> permissions) {}

  /** Shows who the caller is, which roles it has where, and what they let it do. */
  @GetMapping("/v1/access/me")
  Self getSelf(@RequestAttribute Caller caller) {
    Identity identity = caller.identity();
    return new Self(
        identity.tenantId(),
        identity.actor(),
        identity.agentId(),
        identity.roles(),
        identity.access().stream()
            .sorted(Comparator.comparing(RoleAt::role).thenComparing(at -> at.scope().words()))
            .map(at -> access(identity, at))
            .toList());
  }

  private static Access access(Identity identity, RoleAt at) {
    return new Access(
        at.role().word(),
        at.scope().project(),
        at.scope().environment(),
        identity.permissions(at.role()).stream().map(Permission::word).toList());
  }
}

package io.agentflow.domain.tenant;

import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.domain.Decision;
import io.agentflow.domain.tenant.TenantCommand.BindRole;
import io.agentflow.domain.tenant.TenantCommand.IssueKey;
import io.agentflow.domain.tenant.TenantCommand.RevokeKey;
import io.agentflow.domain.tenant.TenantCommand.UnbindRole;
import io.agentflow.domain.tenant.TenantEvent.KeyIssued;
import io.agentflow.domain.tenant.TenantEvent.KeyRevoked;
import io.agentflow.domain.tenant.TenantEvent.RoleBound;
import io.agentflow.domain.tenant.TenantEvent.RoleUnbound;
import io.agentflow.domain.tenant.TenantRejection.DifferentKeyExists;
import io.agentflow.domain.tenant.TenantRejection.KeyWasRevoked;
import io.agentflow.domain.tenant.TenantRejection.MayNotGive;
import io.agentflow.domain.tenant.TenantRejection.TooManyBindings;
import io.agentflow.domain.tenant.TenantRejection.TooManyKeys;
import io.agentflow.domain.tenant.TenantRejection.UnknownBinding;
import io.agentflow.domain.tenant.TenantRejection.UnknownKey;
import java.time.Instant;
import java.util.Optional;

/**
 * Who has which role in a tenant by the tenant's own word, and which keys open it. What was taken
 * away is remembered, so that taking it away again changes nothing.
 *
 * @param bindings by their ids, those that were removed as well
 * @param keys by their ids, those that were revoked or have expired as well
 */
public record Tenant(AppendOnlyMap<String, Binding> bindings, AppendOnlyMap<String, ApiKey> keys) {

  /** Most bindings at a time. */
  public static final int BINDINGS_MAX = 1_000;

  /** Most keys at a time that are neither revoked nor expired. */
  public static final int KEYS_MAX = 100;

  /** Nothing was said yet. */
  public static Tenant initial() {
    return new Tenant(AppendOnlyMap.empty(), AppendOnlyMap.empty());
  }

  /** What happens when this is asked of a tenant in this state. */
  public static Decision<TenantEvent, TenantRejection> decide(
      TenantCommand command, Tenant tenant) {
    return switch (command) {
      case BindRole bind -> tenant.bind(bind);
      case UnbindRole unbind -> tenant.unbind(unbind);
      case IssueKey issue -> tenant.issue(issue);
      case RevokeKey revoke -> tenant.revoke(revoke);
    };
  }

  private Decision<TenantEvent, TenantRejection> bind(BindRole command) {
    String id = command.bindingId();
    Binding before = bindings.get(id);
    if (before != null && before.bound()) {
      return Decision.alreadySo();
    }
    if (!command.givable().contains(command.role())) {
      return Decision.reject(new MayNotGive(command.role()));
    }
    if (bindings.asMap().values().stream().filter(Binding::bound).count() >= BINDINGS_MAX) {
      return Decision.reject(new TooManyBindings(BINDINGS_MAX));
    }
    return Decision.accept(
        new RoleBound(
            command.tenantId().value(),
            id,
            command.principal(),
            command.role(),
            command.scope().project(),
            command.scope().environment()));
  }

  private Decision<TenantEvent, TenantRejection> unbind(UnbindRole command) {
    Binding before = bindings.get(command.bindingId());
    if (before == null) {
      return Decision.reject(new UnknownBinding(command.bindingId()));
    }
    return before.bound()
        ? Decision.accept(
            new RoleUnbound(
                command.tenantId().value(),
                command.bindingId(),
                before.principal(),
                before.role(),
                before.scope().project(),
                before.scope().environment()))
        : Decision.alreadySo();
  }

  /** Whoever repeats the command has another secret to offer: the first one stays. */
  private Decision<TenantEvent, TenantRejection> issue(IssueKey command) {
    ApiKey before = keys.get(command.keyId());
    if (before != null) {
      if (before.revoked()) {
        return Decision.reject(new KeyWasRevoked(command.keyId()));
      }
      return before.isDescribedAs(command.key())
          ? Decision.alreadySo()
          : Decision.reject(new DifferentKeyExists(command.keyId()));
    }
    Optional<String> tooMuch =
        command.roles().stream().filter(role -> !command.givable().contains(role)).findFirst();
    if (tooMuch.isPresent()) {
      return Decision.reject(new MayNotGive(tooMuch.get()));
    }
    if (keys.asMap().values().stream().filter(key -> key.isGoodAt(command.at())).count()
        >= KEYS_MAX) {
      return Decision.reject(new TooManyKeys(KEYS_MAX));
    }
    return Decision.accept(
        new KeyIssued(
            command.tenantId().value(),
            command.keyId(),
            command.name(),
            command.roles(),
            command.scope().project(),
            command.scope().environment(),
            command.secretSha256(),
            command.expiresAt().toString()));
  }

  private Decision<TenantEvent, TenantRejection> revoke(RevokeKey command) {
    ApiKey before = keys.get(command.keyId());
    if (before == null) {
      return Decision.reject(new UnknownKey(command.keyId()));
    }
    return before.revoked()
        ? Decision.alreadySo()
        : Decision.accept(
            new KeyRevoked(command.tenantId().value(), command.keyId(), before.name()));
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  public static Tenant evolve(Tenant tenant, TenantEvent event) {
    return switch (event) {
      case RoleBound bound ->
          tenant.with(
              bound.bindingId(),
              new Binding(
                  bound.principal(),
                  bound.role(),
                  new Scope(bound.project(), bound.environment()),
                  true));
      case RoleUnbound unbound ->
          tenant.with(
              unbound.bindingId(),
              new Binding(
                  unbound.principal(),
                  unbound.role(),
                  new Scope(unbound.project(), unbound.environment()),
                  false));
      case KeyIssued issued ->
          tenant.with(
              issued.keyId(),
              new ApiKey(
                  issued.name(),
                  issued.roles(),
                  new Scope(issued.project(), issued.environment()),
                  issued.secretSha256(),
                  Instant.parse(issued.expiresAt()),
                  false));
      case KeyRevoked revoked -> {
        ApiKey key = tenant.keys.get(revoked.keyId());
        yield key == null ? tenant : tenant.with(revoked.keyId(), key.asRevoked());
      }
    };
  }

  private Tenant with(String bindingId, Binding binding) {
    return new Tenant(bindings.with(bindingId, binding), keys);
  }

  private Tenant with(String keyId, ApiKey key) {
    return new Tenant(bindings, keys.with(keyId, key));
  }
}

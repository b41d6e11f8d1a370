package io.agentflow.projections.access;

import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.tenant.TenantEvent.KeyIssued;
import io.agentflow.domain.tenant.TenantEvent.KeyRevoked;
import io.agentflow.domain.tenant.TenantEvent.RoleBound;
import io.agentflow.domain.tenant.TenantEvent.RoleUnbound;
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.Rows;
import io.agentflow.projections.TableKey;
import io.agentflow.projections.Tables;
import java.util.List;

/**
 * {@code views.role_bindings}: one row a role that a tenant has given, for people who write SQL.
 * Over HTTP bindings are answered from what each node folds itself, as requests are judged by it.
 */
public final class RoleBindingTable {

  public static final Projection<TenantEvent> PROJECTION =
      new Projection<>(
          "bindings",
          TenantEvent.class,
          List.of(RoleBound.class, RoleUnbound.class),
          RoleBindingTable::fold,
          List.of(new TableKey("role_bindings", "tenant_id", "binding_id")));

  private RoleBindingTable() {}

  private static void fold(TenantEvent event, Recorded recorded, Tables tables) {
    Rows bindings = tables.rows("role_bindings");
    switch (event) {
      case RoleBound bound ->
          bindings.add(
              recorded,
              row ->
                  row.set("principal", bound.principal())
                      .set("role", bound.role())
                      .set("project", bound.project())
                      .set("environment", bound.environment())
                      .set("removed_at", null),
              bound.tenantId(),
              bound.bindingId());
      case RoleUnbound unbound ->
          bindings.change(
              recorded,
              row -> row.set("removed_at", recorded.at().toInstant()),
              unbound.tenantId(),
              unbound.bindingId());
      case KeyIssued _, KeyRevoked _ -> {}
    }
  }
}

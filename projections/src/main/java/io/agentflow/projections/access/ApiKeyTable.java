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
 * {@code views.api_keys}: one row a key that a tenant has issued, without what opens it and without
 * its hash, for people who write SQL.
 */
public final class ApiKeyTable {

  public static final Projection<TenantEvent> PROJECTION =
      new Projection<>(
          "keys",
          TenantEvent.class,
          List.of(KeyIssued.class, KeyRevoked.class),
          ApiKeyTable::fold,
          List.of(new TableKey("api_keys", "tenant_id", "key_id")));

  private ApiKeyTable() {}

  private static void fold(TenantEvent event, Recorded recorded, Tables tables) {
    Rows keys = tables.rows("api_keys");
    switch (event) {
      case KeyIssued issued ->
          keys.add(
              recorded,
              row ->
                  row.set("name", issued.name())
                      .set("roles", issued.roles())
                      .set("project", issued.project())
                      .set("environment", issued.environment())
                      .set("expires_at", issued.expiresAt())
                      .set("revoked_at", null),
              issued.tenantId(),
              issued.keyId());
      case KeyRevoked revoked ->
          keys.change(
              recorded,
              row -> row.set("revoked_at", recorded.at().toInstant()),
              revoked.tenantId(),
              revoked.keyId());
      case RoleBound _, RoleUnbound _ -> {}
    }
  }
}

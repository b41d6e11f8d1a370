package io.agentflow.domain.tenant;

import io.agentflow.domain.EventName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became true of a tenant. These records and their components are the storage format: they are
 * hashed into the log and have to load for ever. Change nothing here; add a version.
 */
public sealed interface TenantEvent {

  String tenantId();

  /**
   * Somebody has a role.
   *
   * @param principal the subject of its tokens
   * @param project where it counts; absent for the whole tenant
   * @param environment where it counts; absent for all of the project
   */
  @EventName("tenant.role-bound")
  record RoleBound(
      String tenantId,
      String bindingId,
      String principal,
      String role,
      @Nullable String project,
      @Nullable String environment)
      implements TenantEvent {}

  /** Somebody has a role no more. */
  @EventName("tenant.role-unbound")
  record RoleUnbound(
      String tenantId,
      String bindingId,
      String principal,
      String role,
      @Nullable String project,
      @Nullable String environment)
      implements TenantEvent {}

  /**
   * A key opens the tenant, or a part of it, until it expires.
   *
   * @param secretSha256 of the secret, in hexadecimal; the secret itself is nowhere
   * @param expiresAt of ISO 8601, in UTC
   */
  @EventName("tenant.key-issued")
  record KeyIssued(
      String tenantId,
      String keyId,
      String name,
      List<String> roles,
      @Nullable String project,
      @Nullable String environment,
      String secretSha256,
      String expiresAt)
      implements TenantEvent {}

  /** A key opens nothing any more. */
  @EventName("tenant.key-revoked")
  record KeyRevoked(String tenantId, String keyId, String name) implements TenantEvent {}
}

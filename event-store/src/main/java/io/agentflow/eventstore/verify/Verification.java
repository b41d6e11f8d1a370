package io.agentflow.eventstore.verify;

import java.util.List;

/** Whether the chains of all tenants that were asked for are whole. */
public record Verification(boolean valid, long entries, List<TenantVerification> tenants) {

  static Verification of(List<TenantVerification> tenants) {
    return new Verification(
        tenants.stream().allMatch(TenantVerification::valid),
        tenants.stream().mapToLong(TenantVerification::entries).sum(),
        List.copyOf(tenants));
  }
}

package io.agentflow.eventstore.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the chains of all tenants that were asked for are whole.
 *
 * @param entries how many entries were checked in all chains
 * @param durationMs from the first look to the last
 * @param tenants in the order of their ids
 * @param finding what is wrong with the log as a whole though each chain is: its positions are not
 *     1, 2, 3, … to its recorded end. Null when nothing is, when a chain is broken, and when one
 *     tenant alone was asked for
 */
public record Verification(
    boolean valid,
    long entries,
    long entriesPerSecond,
    long durationMs,
    List<TenantVerification> tenants,
    @Nullable Finding finding) {

  static Verification of(
      List<TenantVerification> tenants, @Nullable Finding finding, long durationNanos) {
    long entries = tenants.stream().mapToLong(TenantVerification::entries).sum();
    return new Verification(
        finding == null && tenants.stream().allMatch(TenantVerification::valid),
        entries,
        perSecond(entries, durationNanos),
        durationNanos / 1_000_000,
        List.copyOf(tenants),
        finding);
  }

  static long perSecond(long entries, long nanos) {
    return nanos == 0 ? 0 : (long) (entries * 1e9 / nanos);
  }
}

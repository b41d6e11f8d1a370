package io.agentflow.application.protection;

/**
 * What an operator says of load; each node keeps it for itself.
 *
 * @param principalPerSecond requests that one principal of a tenant may send in a second
 * @param tenantPerSecond requests that all of a tenant may send in a second
 * @param requestsInFlight requests that are worked on at once; those that wait for steps or events
 *     do not count
 */
public record ProtectionSettings(
    int principalPerSecond, int tenantPerSecond, int requestsInFlight) {

  public static final ProtectionSettings DEFAULT = new ProtectionSettings(5_000, 20_000, 1_000);
}

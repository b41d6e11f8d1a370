package io.agentflow.application.replay;

import java.time.Duration;

/**
 * What an operator says of replays; of one node.
 *
 * @param unfinishedMax how many may be under way, those that are paused among them
 * @param unfinishedOfTenantMax the same of one tenant
 * @param waitMax the longest wait between two messages, whatever lay between their entries
 */
public record ReplaySettings(int unfinishedMax, int unfinishedOfTenantMax, Duration waitMax) {

  public static final ReplaySettings DEFAULT = new ReplaySettings(8, 2, Duration.ofSeconds(60));
}

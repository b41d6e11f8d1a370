package io.agentflow.application.work;

import io.agentflow.domain.planning.AutonomyMode;
import java.time.Duration;

/**
 * What an operator says of work; the same on all nodes.
 *
 * @param stepTimeout longest time from hand-out to answer where a plan names none
 * @param agentOfflineAfter for how long nothing is heard of an agent before it counts as offline
 * @param autonomyFloor the mode that plans are granted at most
 */
public record WorkSettings(
    Duration stepTimeout, Duration agentOfflineAfter, AutonomyMode autonomyFloor) {

  public static final WorkSettings DEFAULT =
      new WorkSettings(Duration.ofHours(1), Duration.ofSeconds(90), AutonomyMode.FULL_AUTO);
}

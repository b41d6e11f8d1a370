package io.agentflow.application.stream;

import java.time.Duration;

/**
 * What an operator says of event streams; of one node.
 *
 * @param streamsMax how many may be open at once
 * @param heartbeat after so much silence a reader is told how far the log was looked through
 * @param stalledMax for how long a reader may take nothing before it is cut off
 */
public record StreamSettings(int streamsMax, Duration heartbeat, Duration stalledMax) {

  public static final StreamSettings DEFAULT =
      new StreamSettings(500, Duration.ofSeconds(15), Duration.ofSeconds(10));
}

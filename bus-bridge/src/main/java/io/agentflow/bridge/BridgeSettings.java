package io.agentflow.bridge;

import java.time.Duration;

/**
 * The bridge's limits.
 *
 * @param window messages of a stream that are published before the first of them is acknowledged
 * @param ackTimeout how long an acknowledgement may take
 * @param pollInterval how often to look into the log when nothing says that it has grown
 * @param backoffMin wait after a first failure; doubles, with a quarter of jitter either way
 * @param backoffMax longest wait
 */
public record BridgeSettings(
    int window,
    Duration ackTimeout,
    Duration pollInterval,
    Duration backoffMin,
    Duration backoffMax) {

  public static final BridgeSettings DEFAULT =
      new BridgeSettings(
          1_024,
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30));
}

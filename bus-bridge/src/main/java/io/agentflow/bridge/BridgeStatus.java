package io.agentflow.bridge;

import java.util.List;

/**
 * How the bridge is doing.
 *
 * @param detail why it is not publishing, or empty
 * @param position up to here all entries are acknowledged
 */
public record BridgeStatus(State state, String detail, long position, List<StreamStatus> streams) {

  /** What the bridge is about. */
  public enum State {
    /** Connected; what is appended is published. */
    PUBLISHING,
    /** Another node publishes; this one takes over when that ends. */
    STANDBY,
    /** There is no bus, or it failed; it is tried again, and then all that waits is published. */
    WAITING,
    /** Closed. */
    STOPPED
  }

  /**
   * One stream as the bus itself reports it.
   *
   * @param messages how many messages it holds now
   */
  public record StreamStatus(String name, long messages, long lastSequence) {}
}

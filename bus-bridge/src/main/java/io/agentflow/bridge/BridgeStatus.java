package io.agentflow.bridge;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the bridge is doing.
 *
 * @param state of the stream that is worst off
 * @param detail why it is not publishing, or empty
 * @param position up to here all entries are acknowledged, in every stream
 * @param serverVersion of NATS, while there is a connection
 */
public record BridgeStatus(
    State state,
    String detail,
    long position,
    @Nullable String serverVersion,
    List<StreamStatus> streams) {

  /** What the bridge, or a stream, is about; what comes first is better. */
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
   * How a stream is doing; each is published by itself.
   *
   * @param detail why it is not publishing, or empty
   * @param position up to here all that the stream tells is acknowledged
   * @param lag how many entries of the log lie behind that
   * @param inFlight messages that are published, and not acknowledged
   * @param retries how often publishing began anew after a failure, since the node started
   * @param duplicatesRefused messages that NATS had already, since the node started
   * @param messages how many it holds, as the bus said last
   * @param bytes how large they are, as the bus said last
   * @param firstSequence the sequence number of its first message, as the bus said last
   * @param lastSequence the sequence number of its last message, as the bus said last
   * @param settingsNotTaken settings of the stream that NATS did not take, and why
   */
  public record StreamStatus(
      String name,
      State state,
      String detail,
      Circuit circuit,
      long position,
      long lag,
      int inFlight,
      long retries,
      long duplicatesRefused,
      long messages,
      long bytes,
      long firstSequence,
      long lastSequence,
      List<String> settingsNotTaken) {}
}

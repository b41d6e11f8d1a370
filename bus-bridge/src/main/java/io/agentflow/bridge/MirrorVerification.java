package io.agentflow.bridge;

import java.util.List;

/**
 * Streams, held against the log.
 *
 * @param exact whether each holds what the log says, each message once and in order
 */
public record MirrorVerification(boolean exact, long durationMs, List<StreamVerification> streams) {

  /**
   * One stream, held against the log.
   *
   * @param exact whether both digests are the same and nothing was found
   * @param present whether the server has the stream
   * @param throughPosition up to here the log is compared: what is behind is not published yet
   * @param behindPosition from behind here: what is before, the stream has forgotten by age or size
   * @param lagEvents how many entries of the log, of all streams, are behind what was published
   * @param messages how many were read
   * @param entries how many of the log are to be told there
   * @param firstSequence of the stream when it was read; 0 when it is empty
   * @param lastSequence of the stream when it was read
   * @param digest SHA-256 over the stream's messages, as docs/guarantees.md says
   * @param logDigest the same over what the log says
   * @param findings some of what was found, in the stream's order, then what is missing
   */
  public record StreamVerification(
      String name,
      boolean exact,
      boolean present,
      long throughPosition,
      long behindPosition,
      long lagEvents,
      long messages,
      long entries,
      long firstSequence,
      long lastSequence,
      String digest,
      String logDigest,
      long missing,
      long foreign,
      long altered,
      long duplicate,
      long outOfOrder,
      long messagesPerSecond,
      List<MirrorFinding> findings) {}

  /** Told how far it is. */
  public interface Progress {

    Progress NONE = (stream, phase, done, total) -> {};

    /**
     * What is done of what there is to do.
     *
     * @param stream whose turn it is
     * @param phase in a word or two
     */
    void reached(String stream, String phase, long done, long total);
  }
}

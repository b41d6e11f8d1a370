package io.agentflow.eventstore.verify;

/** Takes how far a verification or an export is; called now and then, never by two threads. */
@FunctionalInterface
public interface Progress {

  /** For those who do not look. */
  Progress NONE = (entries, total) -> {};

  /**
   * So much is done. What this throws ends the work: nobody waits for it any more.
   *
   * @param entries how many were read so far
   * @param total how many there are, as the recorded heads say
   */
  void reached(long entries, long total);
}

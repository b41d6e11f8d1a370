package io.agentflow.application.port;

import io.agentflow.eventstore.LogEntry;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Publishes recorded entries again, for whoever listens; any number of replays at once. */
public interface HistoryReplay {

  /**
   * Which replay, and where it is told.
   *
   * @param to the one subject that all of it goes to; null for subjects under the replay's own id
   * @param digest of what was asked for under the id
   */
  record Course(String tenantId, String replayId, @Nullable String to, String digest) {}

  /**
   * The last message that the bus has of a replay.
   *
   * @param position where its entry stands in the log
   * @param digest of what was asked for when it was published
   */
  record Told(long position, String digest) {}

  /**
   * What came of publishing.
   *
   * @param position where the last entry stands that was acknowledged, with all before it; 0 where
   *     none was
   * @param fault why no more may be published, in a sentence; null where all was
   */
  record Published(long position, @Nullable String fault) {}

  /**
   * Where a replay ends on the bus, whoever published it; empty where nothing of it is there.
   *
   * @throws BusUnavailable when there is no bus, or it does not answer
   */
  Optional<Told> lastTold(Course course);

  /** A replay that whoever watches was told of. */
  @FunctionalInterface
  interface Watched {

    /**
     * Says that it is over on this node.
     *
     * @param messages how many are on the bus
     * @param fault why not all of them are; null where that is as it was wanted
     */
    void over(long messages, @Nullable String fault);
  }

  /**
   * Tells whoever watches that a replay is under way on this node.
   *
   * @param workflowId null where it is of a whole tenant
   * @param traceparent the W3C trace context of the request that asked for it
   */
  Watched watched(Course course, @Nullable String workflowId, @Nullable String traceparent);

  /**
   * Publishes entries in their order and returns once all are acknowledged. None goes out whose
   * bytes do not have its hash, and none behind it.
   *
   * @throws BusUnavailable when there is no bus, or it did not take them all; what it took, {@link
   *     #lastTold} says
   */
  Published publish(Course course, List<LogEntry> entries);
}

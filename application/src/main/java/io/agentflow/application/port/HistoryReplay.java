package io.agentflow.application.port;

import io.agentflow.application.replay.Replayed;
import java.util.Optional;

/** Publishes a workflow's recorded history again, for whoever listens. */
public interface HistoryReplay {

  /**
   * Publishes the history in order and returns once all of it is acknowledged.
   *
   * @return empty when the tenant has no such workflow
   * @throws BusUnavailable when there is no bus to publish to; nothing may be assumed published
   */
  Optional<Replayed> replay(String tenantId, String workflowId, String replayId);
}

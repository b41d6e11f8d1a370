package io.agentflow.domain.schedule;

import io.agentflow.domain.AppendOnlyMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule has under way.
 *
 * @param running the workflows that it started and that have not ended, in the order of their start
 * @param waiting firings that wait for their turn, in that order
 * @param triggered the workflow of each trigger, by its id: also when it is over
 */
public record Runs(
    List<String> running, List<Waiting> waiting, AppendOnlyMap<String, String> triggered) {

  public static final Runs NONE = new Runs(List.of(), List.of(), AppendOnlyMap.empty());

  public Runs {
    running = List.copyOf(running);
    waiting = List.copyOf(waiting);
  }

  /** A firing that waits for its turn. */
  public record Waiting(String workflowId, String scheduledAt, @Nullable String triggerId) {}

  Runs started(String workflowId, @Nullable String triggerId) {
    return new Runs(
        Stream.concat(without(workflowId).stream(), Stream.of(workflowId)).toList(),
        waiting.stream().filter(firing -> !firing.workflowId().equals(workflowId)).toList(),
        remember(triggerId, workflowId));
  }

  Runs queued(Waiting firing) {
    return new Runs(
        running,
        Stream.concat(waiting.stream(), Stream.of(firing)).toList(),
        remember(firing.triggerId(), firing.workflowId()));
  }

  Runs ended(String workflowId) {
    return new Runs(without(workflowId), waiting, triggered);
  }

  private List<String> without(String workflowId) {
    return running.stream().filter(id -> !id.equals(workflowId)).toList();
  }

  private AppendOnlyMap<String, String> remember(@Nullable String triggerId, String workflowId) {
    return triggerId == null ? triggered : triggered.with(triggerId, workflowId);
  }
}

package io.agentflow.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which events of the tenant, and from where on.
 *
 * @param types spoken names, or {@code workflow.*} for all that begin so; none for all
 * @param aggregateId what happened to it alone; null for any
 * @param workflowId what it does, and what budgets and schedules do for it; null for any
 * @param after what follows this position, 0 for all that there is; null for where the log ends
 * @param follows whether to go on with what is appended, or to end where the log ended at first
 */
public record EventQuery(
    List<String> types,
    @Nullable String aggregateId,
    @Nullable String workflowId,
    @Nullable Long after,
    boolean follows) {

  public EventQuery {
    types = List.copyOf(types);
  }

  /** Everything from now on. */
  public static EventQuery fromNow() {
    return new EventQuery(List.of(), null, null, null, true);
  }

  /** Everything that follows a position; 0 for all that there is. */
  public static EventQuery after(long position) {
    return new EventQuery(List.of(), null, null, position, true);
  }

  public EventQuery types(String... names) {
    return new EventQuery(List.of(names), aggregateId, workflowId, after, follows);
  }

  public EventQuery ofAggregate(@Nullable String id) {
    return new EventQuery(types, id, workflowId, after, follows);
  }

  public EventQuery ofWorkflow(@Nullable String id) {
    return new EventQuery(types, aggregateId, id, after, follows);
  }

  /** The same, but it ends where the log ended when it was asked for. */
  public EventQuery untilNow() {
    return new EventQuery(types, aggregateId, workflowId, after, false);
  }

  String path() {
    return new ListPath("/v1/events")
        .with("types", types.isEmpty() ? null : String.join(",", types))
        .with("aggregateId", aggregateId)
        .with("workflowId", workflowId)
        .with("from", after == null ? null : Long.toString(after))
        .toString();
  }
}

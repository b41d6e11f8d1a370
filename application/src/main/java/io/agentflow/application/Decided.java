package io.agentflow.application;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Decision.Rejected;
import io.agentflow.domain.Rejection;
import io.agentflow.eventstore.AppendedEntries;
import java.util.List;
import org.axonframework.modelling.command.AggregateLifecycle;

/**
 * What a shell answers: the aggregate's version after the command, and whether the command changed
 * anything. A command that was already carried out changes nothing.
 *
 * @param version the sequence number of the aggregate's last event, from 0
 * @param appended the places of what the command's unit of work appends, once it has committed
 */
public record Decided(long version, boolean changed, AppendedEntries appended) implements Answer {

  private static final long NO_EVENTS = -1;

  /**
   * Applies what a decider accepted to the aggregate at hand.
   *
   * @throws CommandRejected with the decider's reason when it refused
   */
  public static Decided apply(Decision<?, ? extends Rejection> decision) {
    boolean changed = applyEvents(decision);
    return new Decided(versionAtHand(), changed, AppendedEntries.ofCurrentUnitOfWork());
  }

  /**
   * The same for an aggregate under construction, which has no version before it is complete.
   *
   * @return whether anything happened
   */
  public static boolean applyEvents(Decision<?, ? extends Rejection> decision) {
    return switch (decision) {
      case Accepted<?, ?>(List<?> events) -> {
        events.forEach(AggregateLifecycle::apply);
        yield !events.isEmpty();
      }
      case Rejected<?, ? extends Rejection>(Rejection reason) ->
          throw new CommandRejected(reason, versionAtHand());
    };
  }

  @Override
  public Decided decided() {
    return this;
  }

  private static long versionAtHand() {
    Long version = AggregateLifecycle.getVersion();
    return version == null ? NO_EVENTS : version;
  }
}

package io.agentflow.application.reaction;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.FirstEvents;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.reaction.Reaction.Asked;
import io.agentflow.application.work.WorkSettings;
import io.agentflow.domain.budget.BudgetEvent.ReservationRefused;
import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.workflow.RunEvent.StepCancelled;
import io.agentflow.domain.workflow.RunEvent.StepCompleted;
import io.agentflow.domain.workflow.RunEvent.StepFailed;
import io.agentflow.domain.workflow.RunEvent.StepReady;
import io.agentflow.domain.workflow.RunEvent.WorkflowCancelled;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowFailed;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Has the events answered from which anything follows, and sends what the reactions ask for. To be
 * told of others would cost a transaction for each batch of them. A batch's commands are under way
 * together; its token moves only when all of them are carried out or refused, so none is lost, and
 * some may be sent twice, which changes nothing.
 */
@Component
@ProcessingGroup(Reactions.PROCESSING_GROUP)
public class Reactions {

  public static final String PROCESSING_GROUP = "reactions";

  private static final Logger LOG = LoggerFactory.getLogger(Reactions.class);

  private final List<Reaction> all;
  private final ObjectProvider<Commands> commands;
  private final Clock clock;
  private final ExecutorService sending = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Future<?>> lastOfOrder = new HashMap<>();

  /** Commands are taken when they are needed: they are sent through Axon, which gives us events. */
  Reactions(
      ObjectProvider<Commands> commands,
      FirstEvents firstEvents,
      Clock clock,
      WorkSettings settings) {
    this.all = all(firstEvents, settings.autonomyFloor());
    this.commands = commands;
    this.clock = clock;
  }

  /**
   * All reactions.
   *
   * @param firstEvents the first event of an aggregate
   * @param floor the mode that plans are granted at most
   */
  static List<Reaction> all(Function<String, Optional<Object>> firstEvents, AutonomyMode floor) {
    return List.of(
        new WhenStepReadyThenReserveBudget(),
        new WhenAttemptEndsThenSettleOrRelease(),
        new WhenReservationRefusedThenAwaitBudget(),
        new WhenRoomMadeThenAskBudgetAgain(),
        new WhenScheduleFiredThenLaunchWorkflow(firstEvents, floor),
        new WhenWorkflowEndsThenTellSchedule(firstEvents));
  }

  @EventHandler
  void on(StepReady ready, EventMessage<?> message) {
    react(ready, message);
  }

  @EventHandler
  void on(StepCompleted done, EventMessage<?> message) {
    react(done, message);
  }

  @EventHandler
  void on(StepFailed failed, EventMessage<?> message) {
    react(failed, message);
  }

  @EventHandler
  void on(StepCancelled cancelled, EventMessage<?> message) {
    react(cancelled, message);
  }

  @EventHandler
  void on(ReservationRefused refused, EventMessage<?> message) {
    react(refused, message);
  }

  @EventHandler
  void on(RoomMade room, EventMessage<?> message) {
    react(room, message);
  }

  @EventHandler
  void on(ScheduleFired fired, EventMessage<?> message) {
    react(fired, message);
  }

  @EventHandler
  void on(WorkflowCompleted over, EventMessage<?> message) {
    react(over, message);
  }

  @EventHandler
  void on(WorkflowFailed over, EventMessage<?> message) {
    react(over, message);
  }

  @EventHandler
  void on(WorkflowCancelled over, EventMessage<?> message) {
    react(over, message);
  }

  private void react(Object event, EventMessage<?> message) {
    for (Reaction reaction : all) {
      for (Asked asked : reaction.on(event, clock.instant())) {
        Future<?> sent = sendInOrder(asked, message);
        CurrentUnitOfWork.get().onPrepareCommit(unit -> await(sent));
      }
    }
  }

  /** The last that was sent of each order; a handful, since a batch waits for its own. */
  private Future<?> sendInOrder(Asked asked, EventMessage<?> cause) {
    lastOfOrder.values().removeIf(Future::isDone);
    Future<?> before = lastOfOrder.get(asked.order());
    Future<?> sent =
        sending.submit(
            () -> {
              if (before != null) {
                await(before);
              }
              send(asked, cause);
            });
    lastOfOrder.put(asked.order(), sent);
    return sent;
  }

  private static void await(Future<?> sent) {
    try {
      sent.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted; the event comes again", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a reaction's command failed; the event comes again", e);
    }
  }

  private void send(Asked asked, EventMessage<?> cause) {
    try {
      commands
          .getObject()
          .send(
              Caller.system(
                  WhoAndWhy.tenantOf(cause),
                  (String) cause.getMetaData().get(WhoAndWhy.TRACEPARENT),
                  (String) cause.getMetaData().get(WhoAndWhy.CORRELATION_ID)),
              asked.aggregateId(),
              asked.command());
    } catch (CommandRejected | NotInTenant | AggregateNotFoundException e) {
      Asked otherwise = asked.otherwise();
      if (otherwise == null) {
        LOG.debug("{} came too late or asks too much: {}", asked.command(), e.getMessage());
      } else {
        LOG.warn("{} refused what an event asked of it: {}", asked.aggregateId(), e.getMessage());
        send(otherwise, cause);
      }
    }
  }
}

package io.agentflow.application.schedule;

import io.agentflow.application.Decided;
import io.agentflow.application.TenantFence;
import io.agentflow.domain.schedule.Schedule;
import io.agentflow.domain.schedule.ScheduleCommand;
import io.agentflow.domain.schedule.ScheduleCommand.CreateSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.DeleteSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleCommand.FireSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.PauseSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.ResumeSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.TriggerSchedule;
import io.agentflow.domain.schedule.ScheduleEvent;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** Axon's side of a schedule: which commands there are. {@link Schedule} decides. */
@AggregateRoot(type = "schedule")
public class ScheduleAggregate extends TenantFence {

  @AggregateIdentifier private @Nullable String scheduleId;
  private Schedule schedule = Schedule.initial();

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(CreateSchedule command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(FireSchedule command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(TriggerSchedule command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(EndRun command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(PauseSchedule command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(ResumeSchedule command) {
    return decide(command);
  }

  @CommandHandler
  Decided handle(DeleteSchedule command) {
    return decide(command);
  }

  private Decided decide(ScheduleCommand command) {
    return Decided.apply(Schedule.decide(command, schedule));
  }

  @EventSourcingHandler
  void on(ScheduleEvent event, MetaData metadata) {
    ownedBy(metadata);
    scheduleId = event.scheduleId();
    schedule = Schedule.evolve(schedule, event);
  }

  @Override
  protected @Nullable String aggregateId() {
    return scheduleId;
  }
}

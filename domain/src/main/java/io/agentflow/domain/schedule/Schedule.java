package io.agentflow.domain.schedule;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.schedule.Runs.Waiting;
import io.agentflow.domain.schedule.ScheduleCommand.CreateSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.DeleteSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.EndRun;
import io.agentflow.domain.schedule.ScheduleCommand.FireSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.PauseSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.ResumeSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.TriggerSchedule;
import io.agentflow.domain.schedule.ScheduleEvent.FiringQueued;
import io.agentflow.domain.schedule.ScheduleEvent.FiringSkipped;
import io.agentflow.domain.schedule.ScheduleEvent.RunEnded;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleDeleted;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleFired;
import io.agentflow.domain.schedule.ScheduleEvent.SchedulePaused;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleResumed;
import io.agentflow.domain.schedule.ScheduleRejection.DifferentScheduleExists;
import io.agentflow.domain.schedule.ScheduleRejection.NoRoom;
import io.agentflow.domain.schedule.ScheduleRejection.ScheduleIsDeleted;
import io.agentflow.domain.schedule.ScheduleRejection.UnknownSchedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What starts workflows by itself. Its phase is its type: before it exists, active, paused,
 * deleted. Each time for which it is due fires at most once, whatever comes late or twice.
 */
public sealed interface Schedule {

  /** Nothing is known under this id. */
  record Absent() implements Schedule {}

  /** Any schedule that was created. */
  sealed interface Known extends Schedule {
    ScheduleCreated description();
  }

  /**
   * One that is not deleted. Its next time is never one for which it has fired, also in a pause: so
   * a clock that was set back repeats nothing.
   */
  sealed interface Live extends Known {
    Instant nextDueAt();

    Runs runs();
  }

  /** At work. */
  record Active(ScheduleCreated description, Instant nextDueAt, Runs runs) implements Live {}

  /** Not due at any time, until it is resumed. */
  record Paused(ScheduleCreated description, Instant nextDueAt, Runs runs) implements Live {}

  /** Gone for good. */
  record Deleted(ScheduleCreated description) implements Known {}

  static Schedule initial() {
    return new Absent();
  }

  /** What happens when this is asked of a schedule in this state. */
  static Decision<ScheduleEvent, ScheduleRejection> decide(
      ScheduleCommand command, Schedule schedule) {
    return switch (schedule) {
      case Absent absent when command instanceof CreateSchedule create ->
          Decision.accept(created(create));
      case Absent absent -> Decision.reject(new UnknownSchedule(command.scheduleId().value()));
      case Deleted deleted -> decide(command, deleted);
      case Live live -> decide(command, live);
    };
  }

  /** A time or an end that comes late is no mistake of anybody. */
  private static Decision<ScheduleEvent, ScheduleRejection> decide(
      ScheduleCommand command, Deleted schedule) {
    return switch (command) {
      case CreateSchedule create -> createAgain(create, schedule);
      case FireSchedule late -> Decision.alreadySo();
      case EndRun late -> Decision.alreadySo();
      case DeleteSchedule again -> Decision.alreadySo();
      case TriggerSchedule trigger -> deleted(trigger);
      case PauseSchedule pause -> deleted(pause);
      case ResumeSchedule resume -> deleted(resume);
    };
  }

  private static Decision<ScheduleEvent, ScheduleRejection> deleted(ScheduleCommand command) {
    return Decision.reject(new ScheduleIsDeleted(command.scheduleId().value()));
  }

  private static Decision<ScheduleEvent, ScheduleRejection> decide(
      ScheduleCommand command, Live schedule) {
    return switch (command) {
      case CreateSchedule create -> createAgain(create, schedule);
      case FireSchedule fire -> fire(fire, schedule);
      case TriggerSchedule trigger -> trigger(trigger, schedule);
      case EndRun end -> end(end, schedule);
      case PauseSchedule pause ->
          schedule instanceof Paused
              ? Decision.alreadySo()
              : Decision.accept(new SchedulePaused(pause.scheduleId().value(), pause.reason()));
      case ResumeSchedule resume -> resume(resume, schedule);
      case DeleteSchedule delete ->
          Decision.accept(new ScheduleDeleted(delete.scheduleId().value()));
    };
  }

  private static ScheduleCreated created(CreateSchedule command) {
    Timing timing = command.timing();
    WorkflowTemplate workflow = command.workflow();
    return new ScheduleCreated(
        command.scheduleId().value(),
        command.name(),
        timing.cron(),
        timing.zone(),
        timing.overlap().word(),
        timing.queueMax(),
        timing.catchUpMillis(),
        workflow.name(),
        workflow.intent(),
        workflow.labels(),
        workflow.budgetId() == null ? null : workflow.budgetId().value(),
        workflow.budget() == null ? null : workflow.budget().tokens(),
        workflow.budget() == null ? null : workflow.budget().microDollars(),
        workflow.plan(),
        command.by(),
        command.nextDueAt().toString());
  }

  /** Who asks again, and when, makes no difference. */
  private static Decision<ScheduleEvent, ScheduleRejection> createAgain(
      CreateSchedule command, Known schedule) {
    ScheduleCreated before = schedule.description();
    CreateSchedule asBefore =
        new CreateSchedule(
            command.scheduleId(),
            command.name(),
            command.timing(),
            command.workflow(),
            before.createdBy(),
            Instant.parse(before.nextDueAt()));
    return created(asBefore).equals(before)
        ? Decision.alreadySo()
        : Decision.reject(new DifferentScheduleExists(command.scheduleId().value()));
  }

  private static Decision<ScheduleEvent, ScheduleRejection> fire(
      FireSchedule command, Live schedule) {
    if (schedule instanceof Paused || command.dueAt().isBefore(schedule.nextDueAt())) {
      return Decision.alreadySo();
    }
    Instant latest = command.at().minusMillis(schedule.description().catchUpMillis());
    if (command.dueAt().isBefore(latest)) {
      return Decision.accept(skipped(command, schedule.nextDueAt(), command.nextDueAt(), "missed"));
    }
    List<ScheduleEvent> events = new ArrayList<>();
    if (command.dueAt().isAfter(schedule.nextDueAt())) {
      events.add(skipped(command, schedule.nextDueAt(), command.dueAt(), "missed"));
    }
    Waiting firing = new Waiting(command.workflowId().value(), command.dueAt().toString(), null);
    events.add(
        admitted(firing, schedule, command.nextDueAt().toString())
            .orElseGet(() -> skipped(command, command.dueAt(), command.nextDueAt(), "overlap")));
    return new Accepted<>(events);
  }

  private static ScheduleEvent skipped(
      FireSchedule command, Instant from, Instant before, String reason) {
    return new FiringSkipped(
        command.scheduleId().value(), from.toString(), before.toString(), reason);
  }

  private static Decision<ScheduleEvent, ScheduleRejection> trigger(
      TriggerSchedule command, Live schedule) {
    Runs runs = schedule.runs();
    if (runs.triggered().containsKey(command.triggerId())) {
      return Decision.alreadySo();
    }
    Waiting firing =
        new Waiting(command.workflowId().value(), command.at().toString(), command.triggerId());
    return admitted(firing, schedule, nextDueAt(schedule))
        .map(Decision::<ScheduleEvent, ScheduleRejection>accept)
        .orElseGet(
            () ->
                Decision.reject(
                    new NoRoom(
                        command.scheduleId().value(), runs.running(), runs.waiting().size())));
  }

  /** It starts or it waits; empty where there is room for neither. Nobody overtakes who waits. */
  private static Optional<ScheduleEvent> admitted(
      Waiting firing, Live schedule, @Nullable String nextDueAt) {
    ScheduleCreated description = schedule.description();
    Overlap overlap = Overlap.of(description.overlap());
    Runs runs = schedule.runs();
    if (runs.waiting().isEmpty() && runs.running().size() < overlap.runsMax()) {
      return Optional.of(fired(firing, description, nextDueAt));
    }
    if (overlap == Overlap.QUEUE && runs.waiting().size() < description.queueMax()) {
      return Optional.of(
          new FiringQueued(
              description.scheduleId(),
              firing.workflowId(),
              firing.scheduledAt(),
              firing.triggerId(),
              runs.waiting().size() + 1,
              nextDueAt));
    }
    return Optional.empty();
  }

  private static ScheduleEvent fired(
      Waiting firing, ScheduleCreated description, @Nullable String nextDueAt) {
    return new ScheduleFired(
        description.scheduleId(),
        firing.workflowId(),
        firing.scheduledAt(),
        firing.triggerId(),
        nextDueAt);
  }

  private static @Nullable String nextDueAt(Live schedule) {
    return schedule instanceof Active active ? active.nextDueAt().toString() : null;
  }

  private static Decision<ScheduleEvent, ScheduleRejection> end(EndRun command, Live schedule) {
    String workflowId = command.workflowId().value();
    if (!schedule.runs().running().contains(workflowId)) {
      return Decision.alreadySo();
    }
    return withNextInLine(
        new RunEnded(command.scheduleId().value(), workflowId, command.end().word()), schedule);
  }

  /** After a clock was set back it is due when it would have been. */
  private static Decision<ScheduleEvent, ScheduleRejection> resume(
      ResumeSchedule command, Live schedule) {
    if (schedule instanceof Active) {
      return Decision.alreadySo();
    }
    Instant nextDueAt =
        command.nextDueAt().isBefore(schedule.nextDueAt())
            ? schedule.nextDueAt()
            : command.nextDueAt();
    return withNextInLine(
        new ScheduleResumed(command.scheduleId().value(), nextDueAt.toString()), schedule);
  }

  /** The event, and behind it the start of whoever has waited longest, where there is room now. */
  private static Decision<ScheduleEvent, ScheduleRejection> withNextInLine(
      ScheduleEvent event, Live schedule) {
    List<ScheduleEvent> events = new ArrayList<>(List.of(event));
    if (evolve(schedule, event) instanceof Active after
        && !after.runs().waiting().isEmpty()
        && after.runs().running().size() < Overlap.of(after.description().overlap()).runsMax()) {
      events.add(fired(after.runs().waiting().getFirst(), after.description(), nextDueAt(after)));
    }
    return new Accepted<>(events);
  }

  /** What is so after the event. Never refuses: what happened, happened. */
  static Schedule evolve(Schedule schedule, ScheduleEvent event) {
    return switch (schedule) {
      case Absent absent when event instanceof ScheduleCreated created ->
          new Active(created, Instant.parse(created.nextDueAt()), Runs.NONE);
      case Absent absent -> absent;
      case Deleted deleted -> deleted;
      case Live live -> evolve(live, event);
    };
  }

  private static Schedule evolve(Live schedule, ScheduleEvent event) {
    Runs runs = schedule.runs();
    return switch (event) {
      case ScheduleCreated again -> schedule;
      case ScheduleFired fired ->
          with(schedule, fired.nextDueAt(), runs.started(fired.workflowId(), fired.triggerId()));
      case FiringQueued queued ->
          with(
              schedule,
              queued.nextDueAt(),
              runs.queued(
                  new Waiting(queued.workflowId(), queued.scheduledAt(), queued.triggerId())));
      case FiringSkipped skipped -> with(schedule, skipped.beforeAt(), runs);
      case RunEnded ended -> with(schedule, null, runs.ended(ended.workflowId()));
      case SchedulePaused paused -> new Paused(schedule.description(), schedule.nextDueAt(), runs);
      case ScheduleResumed resumed ->
          new Active(schedule.description(), Instant.parse(resumed.nextDueAt()), runs);
      case ScheduleDeleted deleted -> new Deleted(schedule.description());
    };
  }

  private static Live with(Live schedule, @Nullable String nextDueAt, Runs runs) {
    Instant next = nextDueAt == null ? schedule.nextDueAt() : Instant.parse(nextDueAt);
    return switch (schedule) {
      case Active active -> new Active(active.description(), next, runs);
      case Paused paused -> new Paused(paused.description(), next, runs);
    };
  }
}

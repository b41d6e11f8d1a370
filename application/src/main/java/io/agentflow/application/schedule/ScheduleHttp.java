package io.agentflow.application.schedule;

import io.agentflow.application.FirstEvents;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.InvalidPlan;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.planning.PlanDefinition;
import io.agentflow.application.work.Workers;
import io.agentflow.domain.Checks;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanFault;
import io.agentflow.domain.schedule.Overlap;
import io.agentflow.domain.schedule.ScheduleCommand;
import io.agentflow.domain.schedule.ScheduleCommand.CreateSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.DeleteSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.PauseSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.ResumeSchedule;
import io.agentflow.domain.schedule.ScheduleCommand.TriggerSchedule;
import io.agentflow.domain.schedule.ScheduleEvent.ScheduleCreated;
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.schedule.Timing;
import io.agentflow.domain.schedule.WorkflowTemplate;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** A schedule's commands over HTTP. */
@RestController
@RequestMapping("/v1/schedules")
class ScheduleHttp {

  private final Commands commands;
  private final FirstEvents firstEvents;
  private final Workers workers;
  private final Clock clock;

  ScheduleHttp(Commands commands, FirstEvents firstEvents, Workers workers, Clock clock) {
    this.commands = commands;
    this.firstEvents = firstEvents;
    this.workers = workers;
    this.clock = clock;
  }

  record CreateRequest(
      @Nullable String scheduleId,
      String name,
      String cron,
      @Nullable String zone,
      @Nullable String overlap,
      @Nullable Integer queueMax,
      @Nullable Long catchUpMillis,
      WorkflowRequest workflow) {

    Timing timing() {
      return new Timing(
          cron,
          zone == null ? Timing.ZONE_DEFAULT : zone,
          overlap == null ? Overlap.SKIP : Overlap.of(overlap),
          queueMax == null ? Overlap.QUEUE_DEFAULT : queueMax,
          catchUpMillis == null ? Timing.CATCH_UP_MILLIS_MAX : catchUpMillis);
    }
  }

  record WorkflowRequest(
      String name,
      String intent,
      @Nullable Map<String, String> labels,
      @Nullable String budgetId,
      @Nullable BudgetRequest budget,
      JsonNode plan) {

    WorkflowTemplate template() {
      return new WorkflowTemplate(
          name,
          intent,
          labels == null ? Map.of() : labels,
          budgetId == null ? null : new BudgetId(budgetId),
          limit(),
          canonical(plan));
    }

    @Nullable Spend limit() {
      return budget == null ? null : Spend.of(budget.tokens(), budget.microDollars());
    }

    private static String canonical(JsonNode plan) {
      try {
        return CanonicalJson.canonicalize(plan.toString());
      } catch (CanonicalJson.NotCanonicalizable e) {
        throw new InvalidPlan(List.of(new PlanFault("plan", "cannot be kept: " + e.getMessage())));
      }
    }
  }

  record BudgetRequest(long tokens, long microDollars) {}

  record TriggerRequest(@Nullable String triggerId) {}

  /**
   * Where a trigger was recorded.
   *
   * @param workflowId what it starts, at once or in its turn
   */
  record Triggered(String id, long version, long position, String hash, String workflowId) {}

  record ReasonRequest(String reason) {}

  /**
   * Creates a schedule, which starts a workflow at each of its times. Under the id that the client
   * brings, it may be asked again.
   */
  @PostMapping
  ResponseEntity<CommandAnswer> create(
      @RequestAttribute Caller caller, @RequestBody CreateRequest request)
      throws InterruptedException {
    ScheduleId id = new ScheduleId(Commands.idOr(request.scheduleId()));
    Timing timing = request.timing();
    Instant nextDueAt = CronTimes.of(timing.cron(), timing.zone()).after(clock.instant());
    WorkflowRequest workflow = Checks.present("workflow", request.workflow());
    check(
        Checks.present("workflow.plan", workflow.plan()),
        workers.planFacts(caller.tenantId(), workflow.limit()));
    return commands.create(
        caller,
        id.value(),
        new CreateSchedule(
            id, request.name(), timing, workflow.template(), caller.actor(), nextDueAt));
  }

  private static void check(JsonNode plan, PlanFacts facts) {
    List<PlanFault> faults = new ArrayList<>();
    String autonomy = plan.path("autonomy").asString("");
    if (Arrays.stream(AutonomyMode.values())
        .anyMatch(mode -> mode.asksForPlans() && mode.word().equals(autonomy))) {
      faults.add(
          new PlanFault(
              "autonomy",
              autonomy + " waits for people before anything starts; a schedule starts by itself"));
    }
    if (facts.floor().asksForPlans()) {
      faults.add(
          new PlanFault(
              "autonomy",
              facts.floor().word()
                  + ", the server's floor, waits for people before anything starts; a schedule"
                  + " starts by itself"));
    }
    try {
      PlanDefinition.read(plan, facts);
    } catch (InvalidPlan e) {
      faults.addAll(e.faults());
    }
    if (!faults.isEmpty()) {
      throw new InvalidPlan(faults);
    }
  }

  /** Fires now, whatever the time. Under the id that the client brings, it may be asked again. */
  @PostMapping("/{scheduleId}/trigger")
  ResponseEntity<Triggered> trigger(
      @RequestAttribute Caller caller,
      @PathVariable String scheduleId,
      @RequestBody(required = false) @Nullable TriggerRequest request) {
    ScheduleId id = new ScheduleId(scheduleId);
    String triggerId = Commands.idOr(request == null ? null : request.triggerId());
    WorkflowId workflowId = ScheduledIds.workflow(id, triggerId);
    ResponseEntity<CommandAnswer> answer =
        change(caller, new TriggerSchedule(id, triggerId, workflowId, clock.instant()));
    CommandAnswer at = Objects.requireNonNull(answer.getBody());
    return ResponseEntity.status(answer.getStatusCode())
        .headers(answer.getHeaders())
        .body(new Triggered(at.id(), at.version(), at.position(), at.hash(), workflowId.value()));
  }

  /** Pauses a schedule: its times pass until it is resumed. */
  @PostMapping("/{scheduleId}/pause")
  ResponseEntity<CommandAnswer> pause(
      @RequestAttribute Caller caller,
      @PathVariable String scheduleId,
      @RequestBody ReasonRequest request) {
    return change(caller, new PauseSchedule(new ScheduleId(scheduleId), request.reason()));
  }

  /** Resumes a schedule, from the next of its times on. */
  @PostMapping("/{scheduleId}/resume")
  ResponseEntity<CommandAnswer> resume(
      @RequestAttribute Caller caller, @PathVariable String scheduleId) {
    ScheduleId id = new ScheduleId(scheduleId);
    if (!(firstEvents.apply(scheduleId).orElse(null) instanceof ScheduleCreated schedule)) {
      throw new NotInTenant(scheduleId);
    }
    Instant nextDueAt = CronTimes.of(schedule.cron(), schedule.zone()).after(clock.instant());
    return change(caller, new ResumeSchedule(id, nextDueAt));
  }

  /** Deletes a schedule for ever. What it started goes on. */
  @PostMapping("/{scheduleId}/delete")
  ResponseEntity<CommandAnswer> delete(
      @RequestAttribute Caller caller, @PathVariable String scheduleId) {
    return change(caller, new DeleteSchedule(new ScheduleId(scheduleId)));
  }

  private ResponseEntity<CommandAnswer> change(Caller caller, ScheduleCommand command) {
    return commands.change(caller, command.scheduleId().value(), command);
  }
}

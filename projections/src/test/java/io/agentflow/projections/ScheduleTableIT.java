package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Spend;
import io.agentflow.domain.schedule.Overlap;
import io.agentflow.domain.schedule.RunEnd;
import io.agentflow.domain.schedule.Runs;
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
import io.agentflow.domain.schedule.ScheduleId;
import io.agentflow.domain.schedule.ScheduleRejection;
import io.agentflow.domain.schedule.Timing;
import io.agentflow.domain.schedule.WorkflowTemplate;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.projections.schedule.ScheduleRow;
import io.agentflow.projections.schedule.ScheduleTable;
import io.agentflow.projections.schedule.ScheduleTable.ScheduleAnswer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The table of schedules on a fresh database, in one transaction that is never committed. */
class ScheduleTableIT {

  private static final int RUNS = 60;
  private static final int COMMANDS_A_RUN = 60;
  private static final Instant FIRST = Instant.parse("2026-01-02T03:00:00Z");

  private final TestDatabase database = TestDatabase.create();
  private Connection connection;
  private ScheduleTable table;
  private TableBatches filled;
  private long position;

  @BeforeEach
  void open() throws SQLException {
    connection = database.application().getConnection();
    connection.setAutoCommit(false);
    JdbcClient db = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    table =
        new ScheduleTable(
            new TenantReads(db, new Freshness(projection -> position, () -> position), NoPast.PAST),
            (cron, zone, instant, count) -> List.of(instant));
    filled = new TableBatches(ScheduleTable.PROJECTION, db, "views");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  /** One schedule: its state, and what the table was told of it. */
  private final class Projected {
    private final ScheduleId id = new ScheduleId(UUID.randomUUID().toString());
    private final List<TrackedEventMessage<ScheduleEvent>> messages = new ArrayList<>();
    private Schedule schedule = Schedule.initial();

    void when(ScheduleCommand command) {
      if (Schedule.decide(command, schedule)
          instanceof Accepted<ScheduleEvent, ScheduleRejection>(var events)) {
        for (ScheduleEvent event : events) {
          schedule = Schedule.evolve(schedule, event);
          messages.add(
              new GenericTrackedDomainEventMessage<>(
                  new GlobalSequenceTrackingToken(++position),
                  new GenericDomainEventMessage<>(
                      "schedule", id.value(), messages.size(), event, Map.of("tenantId", "acme"))));
          project(messages.getLast());
        }
      }
    }

    ScheduleAnswer answer() {
      return table.get("acme", id.value(), null);
    }
  }

  private void project(TrackedEventMessage<ScheduleEvent> message) {
    UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(message);
    ScheduleTable.PROJECTION.apply(message.getPayload(), Recorded.of(message), filled);
    unit.commit();
  }

  private static WorkflowId workflow(int n) {
    return new WorkflowId("018f4e6a-0000-7000-8000-%012d".formatted(n));
  }

  private static Instant due(int n) {
    return FIRST.plusSeconds(60L * n);
  }

  private static CreateSchedule create(ScheduleId id, Overlap overlap) {
    return new CreateSchedule(
        id,
        "nightly",
        new Timing("* * * * *", "Europe/Berlin", overlap, 2, Timing.CATCH_UP_MILLIS_MAX),
        new WorkflowTemplate(
            "report", "do it", Map.of("team", "ops"), null, Spend.of(5, 6), "{\"steps\":[]}"),
        "ada",
        due(0));
  }

  private static ScheduleCommand any(Random random, int step, ScheduleId id) {
    return switch (random.nextInt(12)) {
      case 0 -> new TriggerSchedule(id, "t" + step, workflow(1_000 + step), due(step));
      case 1 -> new PauseSchedule(id, "lunch");
      case 2, 3 -> new ResumeSchedule(id, due(step));
      case 4, 5, 6 ->
          new EndRun(
              id,
              workflow(random.nextInt(step + 1) + (random.nextInt(5) == 0 ? 1_000 : 0)),
              anyOf(random, RunEnd.values()));
      case 7 -> random.nextInt(20) == 0 ? new DeleteSchedule(id) : new PauseSchedule(id, "tea");
      default -> new FireSchedule(id, due(step), workflow(step), due(step + 1), due(step));
    };
  }

  private static <T> T anyOf(Random random, T[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  @Test
  void whatever_happens_the_table_says_what_the_state_says() {
    Set<Class<?>> happened = new HashSet<>();
    for (long seed = 1; seed <= RUNS; seed++) {
      Random random = new Random(seed);
      Projected projected = new Projected();
      Overlap overlap = anyOf(random, Overlap.values());
      projected.when(create(projected.id, overlap));
      for (int step = 0; step < COMMANDS_A_RUN; step++) {
        projected.when(any(random, step, projected.id));
        assertSays(projected, "seed %d, step %d".formatted(seed, step));
      }
      ScheduleAnswer before = projected.answer();
      projected.messages.forEach(this::project);
      assertThat(projected.answer()).as("told again").isEqualTo(before);
      projected.messages.forEach(message -> happened.add(message.getPayload().getClass()));
    }
    assertThat(happened).contains(ScheduleEvent.class.getPermittedSubclasses());
  }

  private static void assertSays(Projected projected, String where) {
    ScheduleRow row = projected.answer().schedule();
    switch (projected.schedule) {
      case Schedule.Absent absent -> throw new AssertionError(where);
      case Schedule.Deleted deleted -> {
        assertThat(row.status()).as(where).isEqualTo("deleted");
        assertThat(row.nextDueAt()).as(where).isNull();
        assertThat(row.running()).as(where).isEmpty();
      }
      case Schedule.Active active -> {
        assertThat(row.status()).as(where).isEqualTo("active");
        assertThat(row.nextDueAt()).as(where).isEqualTo(active.nextDueAt());
        assertThat(projected.answer().upcoming()).as(where).containsExactly(active.nextDueAt());
        assertUnderWay(active.runs(), row, where);
      }
      case Schedule.Paused paused -> {
        assertThat(row.status()).as(where).isEqualTo("paused");
        assertThat(row.pausedBecause()).as(where).isNotNull();
        assertThat(row.nextDueAt()).as(where).isNull();
        assertThat(projected.answer().upcoming()).as(where).isEmpty();
        assertUnderWay(paused.runs(), row, where);
      }
    }
  }

  private static void assertUnderWay(Runs runs, ScheduleRow row, String where) {
    assertThat(row.running()).as(where).isEqualTo(runs.running());
    assertThat(row.waiting())
        .as(where)
        .isEqualTo(runs.waiting().stream().map(Runs.Waiting::workflowId).toList());
  }

  @Test
  void a_row_has_what_the_schedule_was_created_with_and_one_answer_also_the_plan() {
    Projected projected = new Projected();
    projected.when(create(projected.id, Overlap.QUEUE));

    ScheduleRow row = projected.answer().schedule();
    assertThat(row.zone()).isEqualTo("Europe/Berlin");
    assertThat(row.labels()).isEqualTo(Map.of("team", "ops"));
    assertThat(row.budgetTokens()).isEqualTo(5);
    assertThat(row.budgetId()).isNull();
    assertThat(projected.answer().plan()).isEqualTo("{\"steps\":[]}");
    assertThat(table.list("acme", 10, null, null, null).items()).containsExactly(row);
  }

  @Test
  void another_tenants_schedule_is_not_found() {
    Projected projected = new Projected();
    projected.when(create(projected.id, Overlap.SKIP));

    assertThat(table.list("globex", 10, null, null, null).items()).isEmpty();
    assertThatThrownBy(() -> table.get("globex", projected.id.value(), null))
        .isInstanceOf(RowNotFound.class);
  }
}

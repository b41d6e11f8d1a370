package io.agentflow.bench;

import io.agentflow.bench.Contest.Effort;
import io.agentflow.bench.Load.Measured;
import io.agentflow.bench.Load.Work;
import io.agentflow.bench.PlannedWork.StepKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
import org.HdrHistogram.Histogram;
import org.springframework.util.FileSystemUtils;

/**
 * Workflows of durable steps that do nothing, over HTTP, beside Restate; and how long a step that
 * is ready waits for its worker.
 */
final class WorkflowsBench {

  private static final int STEPS = 10;
  private static final String RESULT = "x".repeat(200);
  private static final int MANY = 64;

  /** In place of a number in flight: as many as come to be at the pace. */
  private static final int PACED = 0;

  private static final Effort ORDINARY =
      new Effort(5, Duration.ofSeconds(5), Duration.ofSeconds(8));

  /**
   * Virtual machines compile what is done often: this many workflows come before all measuring,
   * however long they take on a machine that others use as well.
   */
  private static final int WARM_UP_WORKFLOWS = 10_000;

  private static final int WARM_UP_WORKFLOWS_QUICK = 64;

  private static final int WAITING_ROUNDS = 3;
  private static final long WAIT_MAX_MICROS = Duration.ofMinutes(1).toNanos() / 1_000;

  private WorkflowsBench() {}

  static Result run(Effort asked) throws Exception {
    Effort effort = asked.isQuick() ? asked : ORDINARY;
    Path root = Path.of("..").toAbsolutePath().normalize();
    // Beside what it measures, and not in the system's folder for temporary files, which may be
    // memory: what is flushed has to go to a disk.
    Path target = Files.createDirectories(root.resolve("bench/target"));
    Path folder = Files.createTempDirectory(target, "workflows");
    Result result = run(effort, root, folder);
    // Where something failed, the logs stay.
    FileSystemUtils.deleteRecursively(folder);
    return result;
  }

  private static Result run(Effort effort, Path root, Path folder) throws Exception {
    try (RestateServer restate = RestateServer.start(root, folder, STEPS, RESULT);
        OurServer server = OurServer.start(root, folder);
        PlannedWork work = new PlannedWork(server.http(), STEPS, RESULT)) {
      warmUp(effort, work::workflow);
      warmUp(effort, restate::workflow);
      Processes ours = server.processes();
      Processes theirs = restate.processes();
      Contest contest = new Contest(effort);
      for (int inFlight : new int[] {1, 16, MANY}) {
        contest
            .with("workflows, AgentFlow", inFlight, STEPS, work::workflow, ours)
            .with("workflows, Restate", inFlight, STEPS, restate::workflow, theirs);
      }
      List<Figure> all = new ArrayList<>(contest.run());
      Figures figures = new Figures(all);
      Figure our = figures.of("workflows, AgentFlow", MANY);
      Figure their = figures.of("workflows, Restate", MANY);
      DataSource database = server.database();
      Map<String, Object> memory = new TreeMap<>();
      memory.put("AgentFlow", ours.memoryMebibytes());
      memory.put("Restate", theirs.memoryMebibytes());
      Duration duration = effort.measured().multipliedBy(WAITING_ROUNDS);
      double half = our.perSecond() / 2.0 / STEPS;
      all.addAll(
          waiting(
              "all load", MANY, database, work, () -> Load.run(MANY, duration, work::workflow)));
      List<Figure> atHalf =
          waiting(
              "half load", PACED, database, work, () -> Load.paced(half, duration, work::workflow));
      all.addAll(atHalf);
      return new Result(
          "workflows",
          Machine.describe(),
          Machine.postgres(database),
          setting(root, server, memory),
          all,
          List.of(
              Target.atLeast(
                  "steps/s, " + MANY + " in flight, beside Restate",
                  (double) our.perSecond() / their.perSecond(),
                  2,
                  "times"),
              Target.atMost(
                  "p99 of a workflow, " + MANY + " in flight, beside Restate",
                  (double) our.p99Micros() / their.p99Micros(),
                  0.5,
                  "times"),
              Target.atMost(
                  "p99 from ready to the worker's hands, half load",
                  atHalf.getLast().p99Micros() / 1_000.0,
                  50,
                  "ms")));
    }
  }

  private static void warmUp(Effort effort, Work workflow)
      throws InterruptedException, ExecutionException {
    int enough = effort.isQuick() ? WARM_UP_WORKFLOWS_QUICK : WARM_UP_WORKFLOWS;
    for (long done = 0; done < enough; ) {
      done += Load.run(MANY, effort.warmUp(), workflow).works();
    }
  }

  private static Map<String, Object> setting(
      Path root, OurServer server, Map<String, Object> memory) throws IOException {
    Map<String, Object> setting = new TreeMap<>();
    setting.put("steps", STEPS);
    setting.put("resultBytes", RESULT.length());
    setting.put("openRequestsOfTheWorker", PlannedWork.REQUESTS);
    setting.put("memoryMiB", memory);
    setting.put("restate", RestateServer.versions(root));
    setting.put("bridge", server.bridge());
    return setting;
  }

  private interface Loading {
    Measured run() throws InterruptedException, ExecutionException;
  }

  /**
   * How long steps waited under a load: from the time that the log has for their readiness to the
   * time that it has for their lease, and to when the lease was in the worker's hands.
   */
  private static List<Figure> waiting(
      String load, int inFlight, DataSource database, PlannedWork work, Loading loading)
      throws IOException, SQLException, InterruptedException, ExecutionException {
    long before = headPosition(database);
    work.noteReceipts();
    Measured measured = loading.run();
    Map<StepKey, Instant> received = work.receipts();
    Map<StepKey, Instant> ready = times(database, before, "workflow.step-ready");
    Map<StepKey, Instant> assigned = times(database, before, "workflow.step-assigned");
    Map<StepKey, Instant> created = times(database, before, "workflow.created");
    Map<StepKey, Instant> completed = times(database, before, "workflow.completed");
    return List.of(
        Figure.of("workflows, " + load, inFlight, STEPS, measured),
        waits("created to completed in the log, " + load, inFlight, measured, created, completed),
        waits("ready to lease in the log, " + load, inFlight, measured, ready, assigned),
        waits("ready to the worker's hands, " + load, inFlight, measured, ready, received));
  }

  private static Figure waits(
      String name,
      int inFlight,
      Measured measured,
      Map<StepKey, Instant> from,
      Map<StepKey, Instant> until) {
    Histogram waits = new Histogram(WAIT_MAX_MICROS, 3);
    from.forEach(
        (step, at) -> {
          Instant end = until.get(step);
          if (end != null) {
            waits.recordValue(Math.clamp(ChronoUnit.MICROS.between(at, end), 0, WAIT_MAX_MICROS));
          }
        });
    if (waits.getTotalCount() < from.size()) {
      throw new IllegalStateException(
          "%s: %d of %d".formatted(name, waits.getTotalCount(), from.size()));
    }
    long nanos = (long) (measured.works() * 1e9 / measured.perSecond());
    return Figure.of(name, inFlight, 1, Measured.of(waits, nanos));
  }

  private static Map<StepKey, Instant> times(DataSource database, long after, String eventType)
      throws SQLException {
    Map<StepKey, Instant> times = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select aggregate_id, coalesce(payload::jsonb->>'stepId', ''), occurred_at
                from log.events
                where position > ? and event_type = ?
                """)) {
      statement.setLong(1, after);
      statement.setString(2, eventType);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          times.put(
              new StepKey(row.getString(1), row.getString(2)),
              row.getObject(3, OffsetDateTime.class).toInstant());
        }
      }
    }
    return times;
  }

  private static long headPosition(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement("select position from log.head");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}

package io.agentflow.eventstore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.simulation.Plan.BreakCommit;
import io.agentflow.eventstore.simulation.Plan.Fault;
import io.agentflow.eventstore.simulation.Plan.Intent;
import io.agentflow.eventstore.simulation.Plan.KillNode;
import io.agentflow.eventstore.simulation.Plan.PauseNode;
import io.agentflow.eventstore.simulation.Plan.PlannedUnit;
import io.agentflow.eventstore.simulation.Plan.RestartDatabase;
import io.agentflow.eventstore.simulation.Plan.Round;
import io.agentflow.eventstore.simulation.Plan.TerminateBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plays one plan: a PostgreSQL, two nodes that append to it, and what the plan breaks. Then looks
 * whether the log kept its promises.
 */
final class Simulation {

  private static final Duration ROUND_WITHIN = Duration.ofSeconds(90);
  private static final Duration CATCH_UP_WITHIN = Duration.ofSeconds(60);

  /** How often to look for a moment at which a node holds the lock on the head. */
  private static final int ATTEMPTS_TO_CATCH_HOLDER = 60;

  /** Whoever has locked the head, and whose client is expected to send the next statement. */
  private static final String HOLDS_HEAD =
      """
      select from pg_locks l join pg_stat_activity a using (pid)
      where l.relation = 'log.head'::regclass and l.granted
        and a.application_name = ? and a.state = 'idle in transaction'
      """;

  /**
   * Whoever appends, or moves the fence, and waits for a commit to be answered that is durable
   * already.
   */
  private static final String WAITS_FOR_ANSWER =
      """
      select distinct a.pid, a.application_name from pg_locks l join pg_stat_activity a using (pid)
      where l.relation = 'log.head'::regclass and l.mode = 'RowExclusiveLock'
        and a.application_name like 'node-%' and a.wait_event = 'SyncRep'
      """;

  private final Plan plan;
  private final Path folder;
  private final CrashableServer server;
  private final Reports reports = new Reports();
  private final NodeProcess[] nodes = new NodeProcess[Plan.NODES];
  private final int[] incarnations = new int[Plan.NODES];
  private int kills;
  private int restarts;
  private int commitsBroken;
  private int pauses;
  private int pausesOfHolder;
  private int backendsTerminated;

  private Simulation(Plan plan, Path folder, CrashableServer server) {
    this.plan = plan;
    this.folder = folder;
    this.server = server;
    for (int node = 0; node < Plan.NODES; node++) {
      nodes[node] = startNode(node);
    }
  }

  /**
   * Runs the simulation of a seed.
   *
   * @param folder what it writes; removed when all is well, kept as evidence when not
   * @return a line that says what was done
   * @throws AssertionError when a promise was broken; names the seed
   */
  static String run(long seed, Path folder) throws IOException {
    long startNanos = System.nanoTime();
    remove(folder);
    Files.createDirectories(folder);
    Plan plan = Plan.of(seed);
    String done;
    try (CrashableServer server = CrashableServer.start(folder)) {
      Simulation simulation = new Simulation(plan, folder, server);
      try {
        done = simulation.play();
      } finally {
        simulation.killAll();
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "replay with ./dev sim %d; evidence in %s; %s".formatted(seed, folder, e.getMessage()),
          e);
    }
    remove(folder);
    return "seed %d: %s, %.1f s".formatted(seed, done, (System.nanoTime() - startNanos) / 1e9);
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private String play() throws Exception {
    for (Round round : plan.rounds()) {
      play(round);
    }
    awaitProjection();
    killAll();
    assertThat(reports.failures()).as("what no node should meet").isEmpty();
    LogCheck check = new LogCheck(server.owner());
    check.nothingIsMissingOrDoubleInAnyOrder();
    check.everyUnitIsThereWholeOrNotAtAll(reports);
    check.everyAcknowledgedUnitIsThereAndNoRefusedOne(reports);
    check.everyChainVerifies();
    check.theProjectionIsWhatTheLogFoldsTo(reports);
    whenAllIsCalmOnlyPoisonIsRefused();
    return summary(check.entries());
  }

  private void play(Round round) throws Exception {
    int before = reports.settled();
    for (NodeProcess node : nodes) {
      node.run(round.number());
    }
    for (Fault fault : round.faults()) {
      int units = before + round.units() * fault.when().unitsPercent() / 100;
      await(
          ROUND_WITHIN,
          "%s of round %d".formatted(fault, round.number()),
          () -> reports.settled() >= units);
      TimeUnit.MICROSECONDS.sleep(fault.when().delayMicros());
      strike(fault, round);
    }
    await(ROUND_WITHIN, "the end of round " + round.number(), () -> isDone(round));
  }

  private boolean isDone(Round round) {
    return Arrays.stream(nodes).allMatch(node -> node.isDone(round.number()));
  }

  private void strike(Fault fault, Round round) throws Exception {
    switch (fault) {
      case TerminateBackends terminate -> terminate(terminate);
      case RestartDatabase restart -> {
        server.slowCommits();
        crash(restart.downMillis());
        server.resetCommits();
      }
      case BreakCommit broken -> breakCommit(broken, round);
      case KillNode kill -> replace(kill.node(), round);
      case PauseNode pause -> {
        NodeProcess node = nodes[pause.node()];
        if (pause(node, pause.holdingHead())) {
          pausesOfHolder++;
        }
        pauses++;
        TimeUnit.MILLISECONDS.sleep(pause.pauseMillis());
        if (pause.thenKill()) {
          replace(pause.node(), round);
        } else {
          node.resume();
        }
      }
    }
  }

  private void crash(long downMillis) throws IOException, InterruptedException {
    server.crash();
    TimeUnit.MILLISECONDS.sleep(downMillis);
    server.restart();
    restarts++;
  }

  /**
   * Has PostgreSQL wait for a standby that there is not: it does so after it has made a commit
   * durable and before it answers. Whatever breaks then leaves the client without an answer.
   */
  private void breakCommit(BreakCommit fault, Round round) throws Exception {
    server.withholdAnswers();
    await(
        ROUND_WITHIN,
        "a commit to break in round " + round.number(),
        () -> waitsForAnswer() != null || isDone(round));
    Waiting waiting = waitsForAnswer();
    if (waiting != null) {
      commitsBroken++;
      switch (fault.what()) {
        case CONNECTION ->
            server.execute("select pg_terminate_backend(%d)".formatted(waiting.pid()));
        case DATABASE -> crash(fault.downMillis());
        case NODE -> replace(nodes[0].name().equals(waiting.node()) ? 0 : 1, round);
      }
    }
    server.resetCommits();
  }

  private record Waiting(long pid, String node) {}

  private @Nullable Waiting waitsForAnswer() throws SQLException {
    try (Connection connection = server.owner().getConnection();
        PreparedStatement statement = connection.prepareStatement(WAITS_FOR_ANSWER);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? new Waiting(row.getLong(1), row.getString(2)) : null;
    }
  }

  private void terminate(TerminateBackends fault) throws Exception {
    try (Connection connection = server.owner().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                where application_name like 'node-%' and random() * 100 < ?
                """)) {
      statement.setInt(1, fault.sharePercent());
      for (int i = 0; i < fault.times(); i++) {
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          backendsTerminated += row.getInt(1);
        }
        TimeUnit.MICROSECONDS.sleep(fault.pauseMicros());
      }
    }
  }

  /** Stops the node; if wanted where it holds the lock, as long as such a moment can be found. */
  private boolean pause(NodeProcess node, boolean holdingHead)
      throws SQLException, InterruptedException {
    node.pause();
    for (int i = 0; holdingHead && i < ATTEMPTS_TO_CATCH_HOLDER; i++) {
      if (holdsHead(node)) {
        return true;
      }
      node.resume();
      node.pause();
    }
    return holdsHead(node);
  }

  private boolean holdsHead(NodeProcess node) throws SQLException {
    try (Connection connection = server.owner().getConnection();
        PreparedStatement statement = connection.prepareStatement(HOLDS_HEAD)) {
      statement.setString(1, node.name());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Kills a node and has a fresh one begin the round anew. */
  private void replace(int node, Round round) throws InterruptedException {
    nodes[node].kill();
    kills++;
    incarnations[node]++;
    nodes[node] = startNode(node);
    nodes[node].run(round.number());
  }

  private NodeProcess startNode(int node) {
    return NodeProcess.start(folder, server, plan.seed(), node, incarnations[node], reports);
  }

  private void killAll() throws InterruptedException {
    for (NodeProcess node : nodes) {
      node.kill();
    }
  }

  private void awaitProjection() throws Exception {
    await(
        CATCH_UP_WITHIN,
        "the projection to catch up",
        () -> {
          try (Connection connection = server.owner().getConnection();
              PreparedStatement statement =
                  connection.prepareStatement(
                      "select (select sum(events) from views.folded) >= position from log.head");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
          }
        });
  }

  private void await(Duration within, String what, Callable<Boolean> condition) throws Exception {
    long deadlineNanos = System.nanoTime() + within.toNanos();
    while (!condition.call()) {
      for (NodeProcess node : nodes) {
        assertThat(node.isGone()).as("%s ended by itself", node.name()).isFalse();
      }
      if (System.nanoTime() > deadlineNanos) {
        for (NodeProcess node : nodes) {
          node.printThreads();
        }
        throw new AssertionError(
            "waited %d s for %s; %s".formatted(within.toSeconds(), what, reports.countByOutcome()));
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  /**
   * Nothing that broke before keeps a node from appending in the last round: the database refuses
   * only what is poisoned. A writer's first unit may still meet a connection that is dead.
   */
  private void whenAllIsCalmOnlyPoisonIsRefused() {
    Map<String, Outcome> outcomes = reports.outcomes();
    Round calm = plan.rounds().getLast();
    for (int node = 0; node < Plan.NODES; node++) {
      List<Outcome> ofNode = new ArrayList<>();
      for (int writer = 0; writer < calm.writersPerNode(); writer++) {
        List<PlannedUnit> units = plan.units(calm, node, incarnations[node], writer);
        for (int i = 1; i < units.size(); i++) {
          if (units.get(i).intent() != Intent.POISONED) {
            String unit = Plan.unitName(calm, node, incarnations[node], writer, i);
            ofNode.add(outcomes.get(unit));
          }
        }
      }
      assertThat(ofNode)
          .as("what became of the units of %s in the calm round", nodes[node].name())
          .contains(Outcome.ACKNOWLEDGED)
          .isSubsetOf(Outcome.ACKNOWLEDGED, Outcome.CONFLICT, Outcome.ROLLED_BACK);
    }
  }

  private String summary(int entries) {
    Map<Outcome, Long> count = reports.countByOutcome();
    int sent = reports.sent().size();
    return ("%d units, %d acknowledged, %d conflicts, %d unavailable, %d rolled back, %d unknown,"
            + " %d in flight when killed; %d kills, %d restarts, %d commits broken, %d pauses (%d holding the head),"
            + " %d backends terminated; %d entries")
        .formatted(
            sent,
            count.getOrDefault(Outcome.ACKNOWLEDGED, 0L),
            count.getOrDefault(Outcome.CONFLICT, 0L),
            count.getOrDefault(Outcome.UNAVAILABLE, 0L),
            count.getOrDefault(Outcome.ROLLED_BACK, 0L),
            count.getOrDefault(Outcome.UNKNOWN, 0L),
            sent - reports.settled(),
            kills,
            restarts,
            commitsBroken,
            pauses,
            pausesOfHolder,
            backendsTerminated,
            entries);
  }
}

package io.agentflow.server;

import io.agentflow.application.stream.StreamSettings;
import io.agentflow.application.work.WorkSettings;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the server is to run; each value from the environment, as {@code af up --help} lists them.
 *
 * @param home where data is kept: {@code AF_HOME/.agentflow}
 * @param port the wish for a port; without one 8080, or the next that is free
 * @param databaseUrl a PostgreSQL to use in place of our own: {@code AF_DATABASE_URL}
 * @param busUrl a NATS server to use in place of our own: {@code AF_BUS_URL}
 * @param databaseConnections size of the connection pool: {@code AF_DATABASE_CONNECTIONS}
 * @param log the limits of the log's writer: {@code AF_LOG_QUEUE_UNITS}, {@code
 *     AF_LOG_BATCH_ENTRIES}, {@code AF_LOG_ENQUEUE_SECONDS}, {@code AF_LOG_LOOKUP_SECONDS}, {@code
 *     AF_LOG_DATABASE_SECONDS}, {@code AF_LOG_LOCK_SECONDS}
 * @param cachedAggregates aggregates kept in memory: {@code AF_CACHED_AGGREGATES}
 * @param snapshotEveryEvents events after which an aggregate's state is kept: {@code
 *     AF_SNAPSHOT_EVERY_EVENTS}
 * @param commandBodyLimit largest body of a command: {@code AF_COMMAND_BODY_LIMIT}
 * @param planBodyLimit largest body of a plan that is proposed: {@code AF_PLAN_BODY_LIMIT}
 * @param work what is said of work: {@code AF_STEP_TIMEOUT_SECONDS}, {@code
 *     AF_AGENT_OFFLINE_SECONDS}, {@code AF_AUTONOMY_FLOOR}
 * @param streams what is said of event streams: {@code AF_EVENT_STREAMS}, {@code
 *     AF_EVENT_HEARTBEAT_SECONDS}, {@code AF_EVENT_STALLED_SECONDS}
 */
public record ServerSettings(
    Path home,
    OptionalInt port,
    Optional<String> databaseUrl,
    Optional<String> busUrl,
    int databaseConnections,
    LogWriterSettings log,
    int cachedAggregates,
    int snapshotEveryEvents,
    String commandBodyLimit,
    String planBodyLimit,
    WorkSettings work,
    StreamSettings streams) {

  private static final int DATABASE_CONNECTIONS_DEFAULT = 20;
  private static final int CACHED_AGGREGATES_DEFAULT = 10_000;
  private static final int SNAPSHOT_EVERY_EVENTS_DEFAULT = 100;
  private static final String COMMAND_BODY_LIMIT_DEFAULT = "16KB";
  private static final String PLAN_BODY_LIMIT_DEFAULT = "1MB";

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that has no usable value
   */
  public static ServerSettings of(Map<String, String> environment, OptionalInt port) {
    Path base = Path.of(environment.getOrDefault("AF_HOME", "")).toAbsolutePath();
    return new ServerSettings(
        base.resolve(".agentflow"),
        port,
        Optional.ofNullable(environment.get("AF_DATABASE_URL")),
        Optional.ofNullable(environment.get("AF_BUS_URL")),
        positive(environment, "AF_DATABASE_CONNECTIONS", DATABASE_CONNECTIONS_DEFAULT),
        log(environment, LogWriterSettings.DEFAULT),
        positive(environment, "AF_CACHED_AGGREGATES", CACHED_AGGREGATES_DEFAULT),
        positive(environment, "AF_SNAPSHOT_EVERY_EVENTS", SNAPSHOT_EVERY_EVENTS_DEFAULT),
        environment.getOrDefault("AF_COMMAND_BODY_LIMIT", COMMAND_BODY_LIMIT_DEFAULT),
        environment.getOrDefault("AF_PLAN_BODY_LIMIT", PLAN_BODY_LIMIT_DEFAULT),
        work(environment, WorkSettings.DEFAULT),
        streams(environment, StreamSettings.DEFAULT));
  }

  private static AutonomyMode mode(
      Map<String, String> environment, String name, AutonomyMode absent) {
    try {
      return AutonomyMode.of(environment.getOrDefault(name, absent.word()));
    } catch (InvalidField e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static WorkSettings work(Map<String, String> environment, WorkSettings absent) {
    return new WorkSettings(
        seconds(environment, "AF_STEP_TIMEOUT_SECONDS", absent.stepTimeout()),
        seconds(environment, "AF_AGENT_OFFLINE_SECONDS", absent.agentOfflineAfter()),
        mode(environment, "AF_AUTONOMY_FLOOR", absent.autonomyFloor()));
  }

  private static StreamSettings streams(Map<String, String> environment, StreamSettings absent) {
    return new StreamSettings(
        positive(environment, "AF_EVENT_STREAMS", absent.streamsMax()),
        seconds(environment, "AF_EVENT_HEARTBEAT_SECONDS", absent.heartbeat()),
        seconds(environment, "AF_EVENT_STALLED_SECONDS", absent.stalledMax()));
  }

  private static LogWriterSettings log(Map<String, String> environment, LogWriterSettings absent) {
    return new LogWriterSettings(
        positive(environment, "AF_LOG_QUEUE_UNITS", absent.queueUnitsMax()),
        positive(environment, "AF_LOG_BATCH_ENTRIES", absent.batchEntriesMax()),
        seconds(environment, "AF_LOG_ENQUEUE_SECONDS", absent.enqueueTimeout()),
        seconds(environment, "AF_LOG_LOOKUP_SECONDS", absent.lookupTimeout()),
        seconds(environment, "AF_LOG_DATABASE_SECONDS", absent.databaseTimeout()),
        seconds(environment, "AF_LOG_LOCK_SECONDS", absent.lockHeldMax()));
  }

  private static Duration seconds(Map<String, String> environment, String name, Duration absent) {
    return Duration.ofSeconds(positive(environment, name, Math.toIntExact(absent.toSeconds())));
  }

  private static int positive(Map<String, String> environment, String name, int absent) {
    String value = environment.get(name);
    if (value == null) {
      return absent;
    }
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
      throw new IllegalArgumentException(name + " must be above 0, not " + value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a whole number, not " + value, e);
    }
  }
}

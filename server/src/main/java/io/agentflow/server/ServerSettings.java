package io.agentflow.server;

import io.agentflow.application.access.AccessSettings;
import io.agentflow.application.idempotency.IdempotencySettings;
import io.agentflow.application.protection.ProtectionSettings;
import io.agentflow.application.replay.ReplaySettings;
import io.agentflow.application.stream.StreamSettings;
import io.agentflow.application.work.WorkSettings;
import io.agentflow.bridge.BusSettings;
import io.agentflow.bridge.BusStream;
import io.agentflow.bridge.StreamLimits;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.server.telemetry.TracingSettings;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.springframework.util.unit.DataSize;

/**
 * How the server is to run; each value from the environment, as {@code af up --help} lists them.
 *
 * @param home where data is kept: {@code AF_HOME/.agentflow}
 * @param bind the address to listen on: {@code AF_BIND}, loopback unless an issuer is named
 * @param issuer whose tokens are trusted: {@code AF_OIDC_ISSUER}, {@code AF_OIDC_JWKS_URI}, {@code
 *     AF_OIDC_AUDIENCE}, {@code AF_TENANT_CLAIM}, {@code AF_ROLES_CLAIM}; empty in development
 * @param port the wish for a port; without one 8080, or the next that is free
 * @param databaseUrl a PostgreSQL to use in place of our own: {@code AF_DATABASE_URL}
 * @param bus a NATS server to use in place of our own, {@code AF_BUS_URL}, {@code
 *     AF_BUS_CREDENTIALS}, and its streams: {@code AF_BUS_REPLICAS}, {@code
 *     AF_BUS_DUPLICATE_WINDOW_SECONDS}, {@code AF_BUS_WHEN_FULL}, {@code AF_BUS_COMPRESSION}; of
 *     each stream, for example {@code AF_MESSAGES}: {@code AF_BUS_MESSAGES_HOURS}, {@code
 *     AF_BUS_MESSAGES_BYTES}
 * @param busCommandsInFlight commands of the bus that are under way at once: {@code
 *     AF_BUS_COMMANDS_IN_FLIGHT}
 * @param databaseConnections size of each of the two connection pools, one for what is read on a
 *     tenant's behalf and one for all else: {@code AF_DATABASE_CONNECTIONS}
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
 * @param idempotency for how long answers to keys are remembered: {@code AF_RECEIPT_HOURS}
 * @param protection how much callers may ask: {@code AF_PRINCIPAL_REQUESTS_PER_SECOND}, {@code
 *     AF_TENANT_REQUESTS_PER_SECOND}, {@code AF_REQUESTS_IN_FLIGHT}
 * @param times how long a client may take: {@code AF_CLIENT_SILENT_SECONDS}, {@code
 *     AF_KEEP_ALIVE_SECONDS}, {@code AF_REQUEST_HEADERS_SECONDS}, {@code AF_REQUEST_BODY_SECONDS},
 *     {@code AF_ANSWER_SECONDS}
 * @param streams what is said of event streams: {@code AF_EVENT_STREAMS}, {@code
 *     AF_EVENT_HEARTBEAT_SECONDS}, {@code AF_EVENT_STALLED_SECONDS}
 * @param tracing to whom spans are told, if to anybody: {@code AF_TRACING_ENABLED}, {@code
 *     AF_OTEL_EXPORTER_OTLP_ENDPOINT}, {@code AF_SERVICE_NAME}, {@code AF_TRACE_SAMPLE_RATE}
 * @param replays what is said of replays: {@code AF_REPLAYS_UNDER_WAY}, {@code
 *     AF_TENANT_REPLAYS_UNDER_WAY}, {@code AF_REPLAY_WAIT_SECONDS}
 */
public record ServerSettings(
    Path home,
    InetAddress bind,
    Optional<AccessSettings> issuer,
    OptionalInt port,
    Optional<String> databaseUrl,
    BusSettings bus,
    int busCommandsInFlight,
    int databaseConnections,
    LogWriterSettings log,
    int cachedAggregates,
    int snapshotEveryEvents,
    String commandBodyLimit,
    String planBodyLimit,
    WorkSettings work,
    IdempotencySettings idempotency,
    ProtectionSettings protection,
    RequestTimes times,
    StreamSettings streams,
    Optional<TracingSettings> tracing,
    ReplaySettings replays) {

  private static final String LOOPBACK = "127.0.0.1";
  private static final int BUS_COMMANDS_IN_FLIGHT_DEFAULT = 256;
  private static final int DATABASE_CONNECTIONS_DEFAULT = 16;
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
    Optional<AccessSettings> issuer = issuer(environment);
    return new ServerSettings(
        base.resolve(".agentflow"),
        bind(environment, issuer.isPresent()),
        issuer,
        port,
        Optional.ofNullable(environment.get("AF_DATABASE_URL")),
        bus(environment),
        positive(environment, "AF_BUS_COMMANDS_IN_FLIGHT", BUS_COMMANDS_IN_FLIGHT_DEFAULT),
        positive(environment, "AF_DATABASE_CONNECTIONS", DATABASE_CONNECTIONS_DEFAULT),
        log(environment, LogWriterSettings.DEFAULT),
        positive(environment, "AF_CACHED_AGGREGATES", CACHED_AGGREGATES_DEFAULT),
        positive(environment, "AF_SNAPSHOT_EVERY_EVENTS", SNAPSHOT_EVERY_EVENTS_DEFAULT),
        environment.getOrDefault("AF_COMMAND_BODY_LIMIT", COMMAND_BODY_LIMIT_DEFAULT),
        environment.getOrDefault("AF_PLAN_BODY_LIMIT", PLAN_BODY_LIMIT_DEFAULT),
        work(environment, WorkSettings.DEFAULT),
        new IdempotencySettings(
            Duration.ofHours(
                positive(
                    environment,
                    "AF_RECEIPT_HOURS",
                    Math.toIntExact(IdempotencySettings.DEFAULT.receiptsLast().toHours())))),
        protection(environment, ProtectionSettings.DEFAULT),
        times(environment, RequestTimes.DEFAULT),
        streams(environment, StreamSettings.DEFAULT),
        tracing(environment),
        replays(environment, ReplaySettings.DEFAULT));
  }

  /** Nothing is told to anybody who was not named; naming a collector, or saying so, is enough. */
  private static Optional<TracingSettings> tracing(Map<String, String> environment) {
    String collector = environment.get("AF_OTEL_EXPORTER_OTLP_ENDPOINT");
    TracingSettings settings =
        new TracingSettings(
            collector == null
                ? TracingSettings.COLLECTOR_DEFAULT
                : url("AF_OTEL_EXPORTER_OTLP_ENDPOINT", collector),
            named(environment, "AF_SERVICE_NAME", TracingSettings.SERVICE_NAME_DEFAULT),
            share(environment, "AF_TRACE_SAMPLE_RATE", 1));
    String enabled =
        environment.getOrDefault("AF_TRACING_ENABLED", Boolean.toString(collector != null));
    return switch (enabled) {
      case "true" -> Optional.of(settings);
      case "false" -> Optional.empty();
      default ->
          throw new IllegalArgumentException(
              "AF_TRACING_ENABLED must be true or false, not " + enabled);
    };
  }

  private static double share(Map<String, String> environment, String name, double absent) {
    String value = environment.get(name);
    if (value == null) {
      return absent;
    }
    try {
      double share = Double.parseDouble(value);
      if (share >= 0 && share <= 1) {
        return share;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number from 0 to 1, not " + value, e);
    }
    throw new IllegalArgumentException(name + " must be a number from 0 to 1, not " + value);
  }

  private static BusSettings bus(Map<String, String> environment) {
    BusSettings absent = BusSettings.of(Optional.ofNullable(environment.get("AF_BUS_URL")));
    Optional<Path> credentials =
        Optional.ofNullable(environment.get("AF_BUS_CREDENTIALS")).map(Path::of);
    if (credentials.isPresent() && !Files.isReadable(credentials.get())) {
      throw new IllegalArgumentException(
          "AF_BUS_CREDENTIALS must be a file that can be read: " + credentials.get());
    }
    BusSettings settings =
        new BusSettings(
            absent.url(),
            credentials,
            Map.of(),
            positive(environment, "AF_BUS_REPLICAS", absent.replicas()),
            seconds(environment, "AF_BUS_DUPLICATE_WINDOW_SECONDS", absent.duplicateWindow()),
            oneOf(environment, "AF_BUS_WHEN_FULL", "forget-oldest", "refuse").equals("refuse")
                ? BusSettings.WhenFull.REFUSE
                : BusSettings.WhenFull.FORGET_OLDEST,
            oneOf(environment, "AF_BUS_COMPRESSION", "none", "s2").equals("s2"));
    for (BusStream stream : BusStream.values()) {
      settings = settings.with(stream, limits(environment, stream));
    }
    return settings;
  }

  private static StreamLimits limits(Map<String, String> environment, BusStream stream) {
    String prefix = "AF_BUS_" + stream.name().substring("AF_".length());
    return new StreamLimits(
        Duration.ofHours(
            positive(
                environment,
                prefix + "_HOURS",
                Math.toIntExact(stream.limits().maxAge().toHours()))),
        bytes(environment, prefix + "_BYTES", stream.limits().maxBytes()));
  }

  private static long bytes(Map<String, String> environment, String name, long absent) {
    String value = environment.get(name);
    if (value == null) {
      return absent;
    }
    long bytes;
    try {
      bytes = DataSize.parse(value).toBytes();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " must be a size like 10GB, not " + value, e);
    }
    if (bytes <= 0) {
      throw new IllegalArgumentException(name + " must be above 0, not " + value);
    }
    return bytes;
  }

  /** The first is what holds where nothing is said. */
  private static String oneOf(Map<String, String> environment, String name, String... words) {
    String value = environment.getOrDefault(name, words[0]);
    if (List.of(words).contains(value)) {
      return value;
    }
    throw new IllegalArgumentException(
        "%s must be one of %s, not %s".formatted(name, String.join(", ", words), value));
  }

  private static ProtectionSettings protection(
      Map<String, String> environment, ProtectionSettings absent) {
    return new ProtectionSettings(
        positive(environment, "AF_PRINCIPAL_REQUESTS_PER_SECOND", absent.principalPerSecond()),
        positive(environment, "AF_TENANT_REQUESTS_PER_SECOND", absent.tenantPerSecond()),
        positive(environment, "AF_REQUESTS_IN_FLIGHT", absent.requestsInFlight()));
  }

  private static RequestTimes times(Map<String, String> environment, RequestTimes absent) {
    return new RequestTimes(
        seconds(environment, "AF_CLIENT_SILENT_SECONDS", absent.silence()),
        seconds(environment, "AF_KEEP_ALIVE_SECONDS", absent.keepAlive()),
        seconds(environment, "AF_REQUEST_HEADERS_SECONDS", absent.headers()),
        seconds(environment, "AF_REQUEST_BODY_SECONDS", absent.body()),
        seconds(environment, "AF_ANSWER_SECONDS", absent.answer()));
  }

  /** Without an issuer tokens are made on this machine, and are for this machine alone. */
  private static InetAddress bind(Map<String, String> environment, boolean hasIssuer) {
    String named = environment.getOrDefault("AF_BIND", LOOPBACK);
    try {
      InetAddress address = InetAddress.getByName(named);
      if (hasIssuer || address.isLoopbackAddress()) {
        return address;
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("AF_BIND must be an address of this machine: " + named, e);
    }
    throw new IllegalArgumentException(
        "AF_BIND is %s, but without AF_OIDC_ISSUER the server listens on loopback only"
            .formatted(named));
  }

  private static Optional<AccessSettings> issuer(Map<String, String> environment) {
    String issuer = environment.get("AF_OIDC_ISSUER");
    if (issuer == null || issuer.isBlank()) {
      for (String name : List.of("AF_OIDC_JWKS_URI", "AF_OIDC_AUDIENCE")) {
        if (environment.containsKey(name)) {
          throw new IllegalArgumentException(name + " needs AF_OIDC_ISSUER beside it");
        }
      }
      return Optional.empty();
    }
    url("AF_OIDC_ISSUER", issuer);
    String jwks = environment.get("AF_OIDC_JWKS_URI");
    return Optional.of(
        new AccessSettings(
            issuer,
            named(environment, "AF_OIDC_AUDIENCE", AccessSettings.AUDIENCE_DEFAULT),
            named(environment, "AF_TENANT_CLAIM", AccessSettings.TENANT_CLAIM_DEFAULT),
            named(environment, "AF_ROLES_CLAIM", AccessSettings.ROLES_CLAIM_DEFAULT),
            jwks == null
                ? new AccessSettings.Keys.Discovered()
                : new AccessSettings.Keys.At(url("AF_OIDC_JWKS_URI", jwks))));
  }

  private static String named(Map<String, String> environment, String name, String absent) {
    String value = environment.getOrDefault(name, absent);
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
    return value;
  }

  private static URI url(String name, String value) {
    try {
      URI url = new URI(value);
      if (url.getHost() != null && Set.of("http", "https").contains(url.getScheme())) {
        return url;
      }
      throw new IllegalArgumentException(name + " must be a URL of http or https, not " + value);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name + " must be a URL, not " + value, e);
    }
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

  private static ReplaySettings replays(Map<String, String> environment, ReplaySettings absent) {
    return new ReplaySettings(
        positive(environment, "AF_REPLAYS_UNDER_WAY", absent.unfinishedMax()),
        positive(environment, "AF_TENANT_REPLAYS_UNDER_WAY", absent.unfinishedOfTenantMax()),
        seconds(environment, "AF_REPLAY_WAIT_SECONDS", absent.waitMax()));
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

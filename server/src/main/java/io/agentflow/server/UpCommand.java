package io.agentflow.server;

import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code af up}. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Start a server here: its own PostgreSQL, and nats-server where one is found.",
      "Data is kept in .agentflow/. Ctrl-C stops everything."
    },
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  AF_HOME                  the folder that has .agentflow (default: where af is)",
      "  AF_DATABASE_URL          postgresql://user:password@host:port/database",
      "  AF_BUS_URL               nats://user:password@host:port; tls:// for TLS; several with ,",
      "  AF_BUS_CREDENTIALS       a .creds file to log in to NATS with",
      "  AF_BUS_MESSAGES_HOURS, AF_BUS_MESSAGES_BYTES",
      "                           how long, how much of it the stream AF_MESSAGES keeps; likewise",
      "                           TOOLS, SYSTEM, EVENTS, REPLAYS (default: 168, 10GB; 720, 5GB;",
      "                           24, 1GB; 720, 5GB; 24, 1GB)",
      "  AF_BUS_WHEN_FULL         forget-oldest, or refuse: the bridge waits (default: the first)",
      "  AF_BUS_REPLICAS          copies of each stream in a cluster (default: 1)",
      "  AF_BUS_DUPLICATE_WINDOW_SECONDS",
      "                           NATS knows a message's id again (default: 120)",
      "  AF_BUS_COMPRESSION       s2, or none (default); NATS from 2.10 on",
      "  AF_BUS_COMMANDS_IN_FLIGHT",
      "                           commands by NATS that are under way at once (default: 256)",
      "  AF_OIDC_ISSUER           whose tokens are trusted; without it this is development:",
      "                           loopback only, with tokens that are made on this machine",
      "  AF_OIDC_JWKS_URI         the issuer's keys, where it has no discovery document",
      "  AF_OIDC_AUDIENCE         whom its tokens are to be for (default: agentflow)",
      "  AF_TENANT_CLAIM          the claim with the tenant (default: tenant)",
      "  AF_ROLES_CLAIM           the claim with the roles (default: roles); a.b is a path",
      "  AF_BIND                  the address to listen on (default: 127.0.0.1)",
      "  AF_DATABASE_CONNECTIONS  size of each of the two connection pools (default: 16)",
      "  AF_LOG_QUEUE_UNITS       units of work that may wait to be appended (default: 4096)",
      "  AF_LOG_BATCH_ENTRIES     entries that are appended together (default: 1000)",
      "  AF_LOG_ENQUEUE_SECONDS   wait for a place among those that wait (default: 5)",
      "  AF_LOG_LOOKUP_SECONDS    looking up an append that broke off (default: 15)",
      "  AF_LOG_DATABASE_SECONDS  wait for the database to answer an append (default: 30)",
      "  AF_LOG_LOCK_SECONDS      a node that stands still may hold the log (default: 10)",
      "  AF_CACHED_AGGREGATES     aggregates kept in memory (default: 10000)",
      "  AF_SNAPSHOT_EVERY_EVENTS events after which a state is kept, at least (default: 100)",
      "  AF_COMMAND_BODY_LIMIT    largest body of a command (default: 16KB)",
      "  AF_PLAN_BODY_LIMIT       largest body of a plan (default: 1MB)",
      "  AF_AUTONOMY_FLOOR        the mode that plans are granted at most (default: full_auto)",
      "  AF_STEP_TIMEOUT_SECONDS  a step may take, where its plan says nothing (default: 3600)",
      "  AF_AGENT_OFFLINE_SECONDS silence after which an agent is offline (default: 90)",
      "  AF_PRINCIPAL_REQUESTS_PER_SECOND  of one principal (default: 5000)",
      "  AF_TENANT_REQUESTS_PER_SECOND     of all of a tenant (default: 20000)",
      "  AF_REQUESTS_IN_FLIGHT    requests that a node works on at once (default: 1000)",
      "  AF_CLIENT_SILENT_SECONDS a client may send nothing, or take nothing (default: 20)",
      "  AF_KEEP_ALIVE_SECONDS    a connection stays open without a request (default: 60)",
      "  AF_REQUEST_HEADERS_SECONDS",
      "                           until the headers of a request are whole (default: 10)",
      "  AF_REQUEST_BODY_SECONDS  until its body is whole (default: 30)",
      "  AF_ANSWER_SECONDS        until its answer is taken; of a query (default: 60)",
      "  AF_RECEIPT_HOURS         the answer to an Idempotency-Key is remembered (default: 24)",
      "  AF_EVENT_STREAMS         event streams open at once (default: 500)",
      "  AF_EVENT_HEARTBEAT_SECONDS",
      "                           silence after which a stream tells that it lives (default: 15)",
      "  AF_EVENT_STALLED_SECONDS how long a reader may take nothing before it is cut off",
      "                           (default: 10)",
      "  AF_OTEL_EXPORTER_OTLP_ENDPOINT",
      "                           a collector of traces by OTLP over HTTP; without one, and without",
      "                           the next, nothing is traced (default: http://localhost:4318)",
      "  AF_TRACING_ENABLED       true or false (default: true where a collector is named)",
      "  AF_SERVICE_NAME          by which the collector knows this server (default: agentflow)",
      "  AF_TRACE_SAMPLE_RATE     the share of traces that begin here, 0 to 1 (default: 1)",
      "  AF_REPLAYS_UNDER_WAY     replays at once, those that are paused among them (default: 8)",
      "  AF_TENANT_REPLAYS_UNDER_WAY       of one tenant (default: 2)",
      "  AF_REPLAY_WAIT_SECONDS   a replay waits at most between two messages (default: 60)",
      "  AF_DEBUG                 1 to see the stack trace of a failure"
    })
final class UpCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port to serve on. Default: 8080, or the next that is free.")
  private @Nullable Integer port;

  @Override
  public Integer call() throws InterruptedException {
    ServerSettings settings =
        ServerSettings.of(
            System.getenv(), port == null ? OptionalInt.empty() : OptionalInt.of(port));
    ConfigurableApplicationContext context = start(settings);
    spec.commandLine().getOut().println(context.getBean(StartReport.class).text());
    // Tomcat's threads keep serving; a signal ends the process, and with it all that was started.
    new CountDownLatch(1).await();
    return 0;
  }

  /** Of a start that failed the cause is told, not the chain of beans that it broke. */
  private static ConfigurableApplicationContext start(ServerSettings settings) {
    try {
      return Server.start(settings);
    } catch (BeansException e) {
      Throwable cause = e.getMostSpecificCause();
      throw new IllegalStateException("the server did not start: " + cause.getMessage(), e);
    }
  }
}

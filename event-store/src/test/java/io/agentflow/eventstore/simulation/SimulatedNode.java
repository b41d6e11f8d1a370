package io.agentflow.eventstore.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agentflow.eventstore.LogOutcomeUnknown;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.WokenEventStore;
import io.agentflow.eventstore.postgres.LogSignal;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.eventstore.simulation.Plan.Intent;
import io.agentflow.eventstore.simulation.Plan.Part;
import io.agentflow.eventstore.simulation.Plan.PlannedUnit;
import io.agentflow.eventstore.simulation.Plan.Round;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.axonframework.common.jdbc.UnitOfWorkAwareConnectionProviderWrapper;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.SimpleEventHandlerInvoker;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventhandling.tokenstore.jdbc.TokenSchema;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;

/**
 * One node of the simulation, in a process of its own so that it can be killed: writers append
 * through Axon's unit of work, and a projection follows the log.
 *
 * <p>It tells on its standard output what it is about to send and what became of it, one line each
 * and written before it goes on. A line that does not end in a full stop was cut off by death.
 */
public final class SimulatedNode {

  /** Shorter than the database may be away, so that some outcomes stay unknown. */
  private static final LogWriterSettings SETTINGS =
      new LogWriterSettings(
          4_096,
          1_000,
          Duration.ofSeconds(5),
          Duration.ofMillis(700),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3));

  private static final int SEGMENTS = 4;

  /** Leaves something for the other node, and lets it take over nearly all when this one dies. */
  private static final int SEGMENTS_CLAIMED_MAX = 3;

  private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(2);
  private static final long CLAIM_INTERVAL_MILLIS = 500;

  private final Plan plan;
  private final int node;
  private final int incarnation;
  private final PrintStream out;
  private final LogReader reader;
  private final EventStore eventStore;

  private SimulatedNode(
      Plan plan,
      int node,
      int incarnation,
      PrintStream out,
      LogReader reader,
      EventStore eventStore) {
    this.plan = plan;
    this.node = node;
    this.incarnation = incarnation;
    this.out = out;
    this.reader = reader;
    this.eventStore = eventStore;
  }

  /**
   * Runs the rounds whose numbers come in on the standard input, until it ends.
   *
   * @param args JDBC URL, seed, number of the node, incarnation
   */
  public static void main(String[] args) throws IOException {
    // The driver reads what we tell; the rest goes elsewhere.
    PrintStream out = System.out;
    System.setOut(System.err);
    quietLogs();
    // Nobody is left behind when the driver is killed.
    ProcessHandle driver = ProcessHandle.current().parent().orElseThrow();
    Thread.ofPlatform().daemon().start(() -> endAfter(driver));

    DataSource dataSource = dataSource(args[0]);
    LogReader reader = new LogReader(dataSource);
    LogTail tail = new LogTail();
    new LogSignal(dataSource, tail);
    PostgresEventStorageEngine engine =
        new PostgresEventStorageEngine(
            new LogWriter(dataSource, SETTINGS, tail),
            reader,
            new TenantLog(dataSource),
            new SpokenNameSerializer(Moved.EVENT_TYPES),
            new Snapshots(
                dataSource, dataSource, JacksonSerializer.defaultSerializer(), "simulation"));
    WokenEventStore eventStore = new WokenEventStore(engine, tail);
    startProjection(dataSource, eventStore);

    Plan plan = Plan.of(Long.parseLong(args[1]));
    SimulatedNode node =
        new SimulatedNode(
            plan, Integer.parseInt(args[2]), Integer.parseInt(args[3]), out, reader, eventStore);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      node.run(plan.rounds().get(Integer.parseInt(line)));
    }
    Runtime.getRuntime().halt(0);
  }

  private static void endAfter(ProcessHandle driver) {
    driver.onExit().join();
    Runtime.getRuntime().halt(1);
  }

  static void quietLogs() {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
  }

  private static DataSource dataSource(String jdbcUrl) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl);
    config.setConnectionInitSql("set role agentflow_app");
    config.setMaximumPoolSize(12);
    config.setConnectionTimeout(2_000);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    // A node may start while the database is away.
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /** A processor that finds no database does not start; a fresh one may. */
  private static void startProjection(DataSource dataSource, EventStore eventStore) {
    while (true) {
      try {
        projection(dataSource, eventStore).start();
        return;
      } catch (TransactionException e) {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
  }

  /** As in the server: row and token move in one transaction. Only the claims run out sooner. */
  private static PooledStreamingEventProcessor projection(
      DataSource dataSource, EventStore eventStore) {
    TokenStore tokens =
        JdbcTokenStore.builder()
            .connectionProvider(
                new UnitOfWorkAwareConnectionProviderWrapper(
                    new SpringDataSourceConnectionProvider(dataSource)))
            .serializer(JacksonSerializer.defaultSerializer())
            .schema(
                TokenSchema.builder()
                    .setTokenTable("views.token_entry")
                    .setProcessorNameColumn("processor_name")
                    .setSegmentColumn("segment")
                    .setTokenColumn("token")
                    .setTokenTypeColumn("token_type")
                    .setTimestampColumn("timestamp")
                    .setOwnerColumn("owner")
                    .build())
            .claimTimeout(CLAIM_TIMEOUT)
            .build();
    return PooledStreamingEventProcessor.builder()
        .name(FoldedTable.PROCESSOR)
        .eventHandlerInvoker(
            SimpleEventHandlerInvoker.builder()
                .eventHandlers(new FoldedTable(dataSource))
                .listenerInvocationErrorHandler(PropagatingErrorHandler.instance())
                .build())
        .errorHandler(PropagatingErrorHandler.instance())
        .messageSource(eventStore)
        .tokenStore(tokens)
        .transactionManager(
            new SpringTransactionManager(new DataSourceTransactionManager(dataSource)))
        .coordinatorExecutor(Executors.newScheduledThreadPool(1))
        .workerExecutor(Executors.newScheduledThreadPool(2))
        .initialSegmentCount(SEGMENTS)
        .maxClaimedSegments(SEGMENTS_CLAIMED_MAX)
        .initialToken(StreamableMessageSource::createTailToken)
        .batchSize(64)
        .tokenClaimInterval(CLAIM_INTERVAL_MILLIS)
        .claimExtensionThreshold(CLAIM_INTERVAL_MILLIS)
        .build();
  }

  private void run(Round round) {
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < round.writersPerNode(); i++) {
      int writer = i;
      writers.add(Thread.ofPlatform().name("writer-" + i).start(() -> write(round, writer)));
    }
    for (Thread writer : writers) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts a node", e);
      }
    }
    tell("done " + round.number());
  }

  private void write(Round round, int writer) {
    List<PlannedUnit> units = plan.units(round, node, incarnation, writer);
    List<UUID> appended = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      String unit = Plan.unitName(round, node, incarnation, writer, i);
      try {
        PlannedUnit planned = units.get(i);
        List<SentEvent> events = events(unit, planned, appended);
        tell(
            "sent "
                + unit
                + " "
                + events.stream().map(SentEvent::word).collect(Collectors.joining(" ")));
        Outcome outcome = send(unit, planned.intent(), events);
        tell(outcome + " " + unit);
        if (outcome == Outcome.ACKNOWLEDGED) {
          events.forEach(event -> appended.add(event.eventId()));
        }
      } catch (RuntimeException e) {
        tell("failed " + unit + " " + e);
      }
    }
  }

  /** One line in one go: lines of several writers must not mix. */
  private void tell(String line) {
    byte[] bytes = (line.replace('\n', ' ') + " .\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      out.write(bytes, 0, bytes.length);
      out.flush();
    }
  }

  private List<SentEvent> events(String unit, PlannedUnit planned, List<UUID> appended) {
    List<SentEvent> events = new ArrayList<>();
    for (Part part : planned.parts()) {
      boolean isShared = part.sharedAggregate() >= 0;
      String aggregateId =
          isShared ? "shared-" + part.sharedAggregate() : unit + "-" + events.size();
      int tenant = (isShared ? part.sharedAggregate() : planned.choice()) % plan.tenants();
      long next = isShared ? nextSequenceNumber(aggregateId) : 0;
      if (planned.intent() == Intent.OUT_OF_SEQUENCE) {
        next = next == 0 || planned.choice() % 2 == 0 ? next + 1 : next - 1;
      }
      for (int i = 0; i < part.eventIds().size(); i++) {
        events.add(
            new SentEvent(
                "tenant-" + tenant,
                aggregateId,
                next + i,
                part.eventIds().get(i),
                part.amounts().get(i)));
      }
    }
    if (planned.intent() == Intent.POISONED) {
      poison(events, planned.choice(), appended);
    }
    return events;
  }

  /** Gives one event an id that is taken: by an earlier unit, else by the unit's first event. */
  private static void poison(List<SentEvent> events, int choice, List<UUID> appended) {
    int victim = appended.isEmpty() ? events.size() - 1 : choice % events.size();
    UUID taken =
        appended.isEmpty() ? events.getFirst().eventId() : appended.get(choice % appended.size());
    SentEvent event = events.get(victim);
    events.set(
        victim,
        new SentEvent(
            event.tenantId(), event.aggregateId(), event.sequenceNumber(), taken, event.amount()));
  }

  private long nextSequenceNumber(String aggregateId) {
    while (true) {
      try {
        return reader.lastSequenceNumber(aggregateId).map(last -> last + 1).orElse(0L);
      } catch (LogUnavailable e) {
        // As every client would: the database is away, and comes back.
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
  }

  private Outcome send(String unit, Intent intent, List<SentEvent> events) {
    List<DomainEventMessage<?>> messages = new ArrayList<>();
    events.forEach(event -> messages.add(message(unit, event)));
    UnitOfWork<?> unitOfWork = DefaultUnitOfWork.startAndGet(new GenericMessage<>(unit));
    if (intent == Intent.ROLLED_BACK) {
      eventStore.publish(messages);
      unitOfWork.rollback();
      return Outcome.ROLLED_BACK;
    }
    try {
      eventStore.publish(messages);
      unitOfWork.commit();
      return Outcome.ACKNOWLEDGED;
    } catch (ConcurrencyException | AggregateStreamCreationException e) {
      return Outcome.CONFLICT;
    } catch (LogOutcomeUnknown e) {
      return Outcome.UNKNOWN;
    } catch (LogUnavailable e) {
      return Outcome.UNAVAILABLE;
    }
  }

  private static DomainEventMessage<Moved> message(String unit, SentEvent event) {
    return new GenericDomainEventMessage<>(
        "simulated",
        event.aggregateId(),
        event.sequenceNumber(),
        new Moved(unit, event.amount()),
        java.util.Map.of(PostgresEventStorageEngine.TENANT_ID, event.tenantId()),
        event.eventId().toString(),
        Instant.now());
  }
}

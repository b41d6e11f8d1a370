package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import com.zaxxer.hikari.HikariDataSource;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.AggregateCache;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.eventstore.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.callbacks.FutureCallback;
import org.axonframework.common.caching.Cache;
import org.axonframework.common.caching.NoCache;
import org.axonframework.common.caching.WeakReferenceCache;
import org.axonframework.common.jdbc.UnitOfWorkAwareConnectionProviderWrapper;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.correlation.SimpleCorrelationDataProvider;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** Commands through Axon's command bus and aggregate: the same aggregate on either engine. */
final class CommandsBench {

  private static final int IN_FLIGHT = 64;
  private static final int MANY_IN_FLIGHT = 128;
  private static final int AGGREGATES = 5_000;
  private static final int EVENTS_EACH = 20;
  private static final String TEXT = "x".repeat(120);
  private static final MetaData METADATA =
      MetaData.with("tenantId", "bench").and("actor", "tester");

  private static final EventTypes EVENT_TYPES =
      new EventTypes(
          Map.of(
              Counter.Opened.class, new EventType("counter.opened", 1),
              Counter.Added.class, new EventType("counter.added", 1)));

  private CommandsBench() {}

  static Result run(Effort effort) throws Exception {
    try (Node stock = Node.stock(NoCache.INSTANCE);
        Node stockCached = Node.stock(new WeakReferenceCache());
        Node agentFlow = Node.agentFlow(new AggregateCache(10_000))) {
      Figures figures =
          new Figures(
              new Contest(effort)
                  .with("create, stock Axon", 1, stock::create)
                  .with("create, AgentFlow", 1, agentFlow::create)
                  .with("create, stock Axon", IN_FLIGHT, stock::create)
                  .with("create, AgentFlow", IN_FLIGHT, agentFlow::create)
                  .with("create, stock Axon", MANY_IN_FLIGHT, stock::create)
                  .with("create, AgentFlow", MANY_IN_FLIGHT, agentFlow::create)
                  .with("change, stock Axon", IN_FLIGHT, stock::change)
                  .with("change, stock Axon with a cache", IN_FLIGHT, stockCached::change)
                  .with("change, AgentFlow", IN_FLIGHT, agentFlow::change)
                  .with("change, stock Axon with a cache", 1, stockCached::change)
                  .with("change, AgentFlow", 1, agentFlow::change)
                  .run());
      return new Result(
          "commands",
          Machine.describe(),
          agentFlow.postgres(),
          Map.of(
              "aggregates", AGGREGATES,
              "eventsEach", EVENTS_EACH,
              "payloadBytes", TEXT.length() + 100),
          figures.all(),
          List.of(
              Target.atLeast(
                  "create, " + IN_FLIGHT + " in flight, beside stock Axon",
                  ratio(figures, IN_FLIGHT, "create, AgentFlow", "create, stock Axon"),
                  4,
                  "times"),
              Target.atLeast(
                  "create, " + MANY_IN_FLIGHT + " in flight, beside stock Axon",
                  ratio(figures, MANY_IN_FLIGHT, "create, AgentFlow", "create, stock Axon"),
                  4,
                  "times"),
              Target.atLeast(
                  "change, beside stock Axon",
                  ratio(figures, IN_FLIGHT, "change, AgentFlow", "change, stock Axon"),
                  5,
                  "times"),
              Target.atLeast(
                  "change, beside stock Axon with a cache",
                  ratio(figures, IN_FLIGHT, "change, AgentFlow", "change, stock Axon with a cache"),
                  3,
                  "times"),
              Target.atMost(
                  "one client's p50 to create, beside stock Axon",
                  (double) figures.of("create, AgentFlow", 1).p50Micros()
                      / figures.of("create, stock Axon", 1).p50Micros(),
                  1.2,
                  "times")));
    }
  }

  private static double ratio(Figures figures, int clients, String ours, String theirs) {
    return (double) figures.of(ours, clients).perSecond() / figures.of(theirs, clients).perSecond();
  }

  /** An Axon application on a database of its own, with aggregates that have a history. */
  record Node(TestDatabase database, Runnable closing, Configuration axon, List<String> counters)
      implements AutoCloseable {

    static Node stock(Cache cache) throws Exception {
      TestDatabase database = TestDatabase.create();
      StockEngine.createTables(database.owner());
      database.asOwner("grant all on all tables in schema public to agentflow_app");
      database.asOwner("grant all on all sequences in schema public to agentflow_app");
      HikariDataSource connections = (HikariDataSource) database.application();
      TransactionManager transactions =
          new SpringTransactionManager(new DataSourceTransactionManager(connections));
      return with(
          database,
          () -> {},
          StockEngine.create(
              new UnitOfWorkAwareConnectionProviderWrapper(
                  new SpringDataSourceConnectionProvider(connections)),
              transactions),
          transactions,
          cache);
    }

    static Node agentFlow(Cache cache) {
      TestDatabase database = TestDatabase.create();
      LogWriter writer =
          new LogWriter(database.application(), LogWriterSettings.DEFAULT, new LogTail());
      return with(
          database,
          writer::close,
          new PostgresEventStorageEngine(
              writer,
              new LogReader(database.application()),
              new TenantLog(database.application()),
              new SpokenNameSerializer(EVENT_TYPES),
              new Snapshots(
                  database.application(),
                  database.application(),
                  JacksonSerializer.defaultSerializer(),
                  "bench")),
          NoTransactionManager.INSTANCE,
          cache);
    }

    private static Node with(
        TestDatabase database,
        Runnable closing,
        EventStorageEngine engine,
        TransactionManager transactions,
        Cache cache) {
      List<String> counters =
          IntStream.range(0, AGGREGATES)
              .mapToObj(i -> UuidCreator.getTimeOrderedEpochFast().toString())
              .toList();
      counters.parallelStream()
          .forEach(id -> transactions.executeInTransaction(() -> engine.appendEvents(history(id))));
      Configuration axon =
          DefaultConfigurer.defaultConfiguration(false)
              .configureSerializer(c -> JacksonSerializer.defaultSerializer())
              .configureTransactionManager(c -> transactions)
              .configureEventStore(c -> EmbeddedEventStore.builder().storageEngine(engine).build())
              .configureCorrelationDataProviders(
                  c -> List.of(new SimpleCorrelationDataProvider("tenantId", "actor")))
              .configureAggregate(
                  AggregateConfigurer.defaultConfiguration(Counter.class)
                      .configureCache(c -> cache))
              .start();
      return new Node(database, closing, axon, counters);
    }

    private static List<DomainEventMessage<?>> history(String counterId) {
      List<DomainEventMessage<?>> history = new ArrayList<>();
      for (int i = 0; i < EVENTS_EACH; i++) {
        history.add(
            new GenericDomainEventMessage<>(
                "Counter",
                counterId,
                i,
                i == 0
                    ? new Counter.Opened(counterId, TEXT)
                    : new Counter.Added(counterId, TEXT, 1, i),
                METADATA));
      }
      return history;
    }

    void create() {
      send(new Counter.Open(UuidCreator.getTimeOrderedEpochFast().toString(), TEXT));
    }

    void change() {
      int any = ThreadLocalRandom.current().nextInt(counters.size());
      send(new Counter.Add(counters.get(any), TEXT, 1));
    }

    private void send(Object command) {
      CommandBus bus = axon.commandBus();
      FutureCallback<Object, Object> answer = new FutureCallback<>();
      bus.dispatch(new GenericCommandMessage<>(command, METADATA), answer);
      if (answer.getResult().isExceptional()) {
        throw new IllegalStateException("a command failed", answer.getResult().exceptionResult());
      }
    }

    Map<String, String> postgres() throws java.sql.SQLException {
      return Machine.postgres(database.application());
    }

    @Override
    public void close() {
      axon.shutdown();
      closing.run();
      database.close();
    }
  }
}

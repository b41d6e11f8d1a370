package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import com.zaxxer.hikari.HikariDataSource;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.UnhashedLog;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import io.agentflow.eventstore.verify.ChainVerifier;
import java.util.List;
import java.util.Map;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.messaging.MetaData;

/**
 * The engine alone: appends of one event each, of new aggregates. With and without hashing it has a
 * database of its own, so that both tables are as long.
 */
final class AppendBench {

  private static final int CALLERS = 256;
  private static final int ROWS = 256;
  private static final String TEXT = "x".repeat(160);
  private static final String PAYLOAD = "{\"amount\":1,\"text\":\"" + TEXT + "\"}";

  private AppendBench() {}

  static Result run(Effort effort) throws Exception {
    try (TestDatabase chained = TestDatabase.create();
        TestDatabase busy = TestDatabase.create();
        TestDatabase unhashed = TestDatabase.create();
        TestDatabase stock = TestDatabase.create();
        TestLog log = new TestLog(chained);
        TestLog busyLog = new TestLog(busy);
        LogWriter unhashedWriter = UnhashedLog.writer(unhashed.application())) {
      RawInserts raw = new RawInserts(chained.owner(), chained.application(), PAYLOAD);
      StockEngine.createTables(stock.owner());
      stock.asOwner("grant all on all tables in schema public to agentflow_app");
      stock.asOwner("grant all on all sequences in schema public to agentflow_app");
      HikariDataSource stockConnections = (HikariDataSource) stock.application();
      EventStorageEngine stockEngine =
          StockEngine.create(stockConnections::getConnection, NoTransactionManager.INSTANCE);
      EventStorageEngine unhashedEngine = TestLog.engine(unhashed, unhashedWriter);

      Contest contest =
          new Contest(effort)
              .with("raw, one row a commit", 1, raw.rows(1))
              .with("stock Axon", 1, () -> stockEngine.appendEvents(event()))
              .with("AgentFlow", 1, () -> log.engine().appendEvents(event()))
              .with("raw, one row a commit", 16, raw.rows(1))
              .with("stock Axon", 16, () -> stockEngine.appendEvents(event()))
              .with("AgentFlow", 16, () -> log.engine().appendEvents(event()))
              .with("stock Axon", CALLERS, () -> stockEngine.appendEvents(event()))
              .with("AgentFlow", CALLERS, () -> busyLog.engine().appendEvents(event()))
              .with(
                  "AgentFlow without hashing", CALLERS, () -> unhashedEngine.appendEvents(event()))
              .with("raw, " + ROWS + " rows by unnest", 1, ROWS, raw.rows(ROWS))
              .with("raw, " + ROWS + " rows by unnest", 2, ROWS, raw.rows(ROWS))
              .with("raw, " + ROWS + " rows by COPY", 1, ROWS, raw.copy(ROWS))
              .with("raw, " + ROWS + " rows by COPY", 2, ROWS, raw.copy(ROWS));
      Figures figures = new Figures(contest.run());
      if (!new ChainVerifier(chained.application()).verifyAll().valid()
          || !new ChainVerifier(busy.application()).verifyAll().valid()) {
        throw new IllegalStateException("the log that was measured is broken");
      }
      return new Result(
          "append",
          Machine.describe(),
          Machine.postgres(chained.application()),
          Map.of("payloadBytes", PAYLOAD.length()),
          figures.all(),
          targets(figures));
    }
  }

  private static DomainEventMessage<?> event() {
    return new GenericDomainEventMessage<>(
        "workflow",
        UuidCreator.getTimeOrderedEpochFast().toString(),
        0,
        new TestLog.Noted(TEXT, 1),
        MetaData.with("tenantId", "bench").and("actor", "tester"));
  }

  private static List<Target> targets(Figures figures) {
    Figure engine = figures.of("AgentFlow", CALLERS);
    return List.of(
        Target.atLeast(
            CALLERS + " callers, beside the limit of many rows a commit",
            (double) engine.perSecond() / figures.fastest("rows by"),
            0.5,
            "of it"),
        Target.atMost(
            "what chaining costs",
            100
                - 100.0
                    * engine.perSecond()
                    / figures.of("AgentFlow without hashing", CALLERS).perSecond(),
            15,
            "% of the rate"),
        Target.atMost(
            "one client's p50, beside stock Axon",
            (double) figures.of("AgentFlow", 1).p50Micros()
                / figures.of("stock Axon", 1).p50Micros(),
            1.2,
            "times"));
  }
}

package io.agentflow.projections;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.projections.agent.AgentTable;
import io.agentflow.projections.budget.BudgetTable;
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The tables that can be asked as of a point of the past, on a fresh database, in one transaction
 * that is never committed; and a log in memory, of which they are told entry by entry.
 */
final class PastTables implements AutoCloseable {

  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

  private final TestDatabase database = TestDatabase.create();
  private final Connection connection;
  private final JdbcClient db;
  private final List<TrackedEventMessage<?>> log = new ArrayList<>();
  private final Map<String, List<TrackedEventMessage<?>>> ofAggregates = new HashMap<>();
  private final Map<Projection<?>, TableBatches> filled = new HashMap<>();
  private long unheard;
  private final WorkflowTable workflows;
  private final AgentTable agents;
  private final BudgetTable budgets;

  PastTables() throws SQLException {
    connection = database.application().getConnection();
    connection.setAutoCommit(false);
    db = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    TenantReads reads =
        new TenantReads(
            db,
            new Freshness(projection -> head(), this::head),
            new Past(this::events, new Positions(), Clock.fixed(NOW, ZoneOffset.UTC)));
    workflows = new WorkflowTable(reads);
    agents = new AgentTable(reads);
    budgets = new BudgetTable(reads);
    Stream.of(WorkflowTable.PROJECTION, AgentTable.PROJECTION, BudgetTable.PROJECTION)
        .forEach(of -> filled.put(of, new TableBatches(of, db, "views")));
  }

  private final class Positions implements PastPositions {
    @Override
    public long head() {
      return PastTables.this.head();
    }

    @Override
    public long at(String tenantId, Instant time) {
      return log.stream()
          .filter(message -> Recorded.of(message).tenantId().equals(tenantId))
          .filter(message -> !message.getTimestamp().isAfter(time))
          .mapToLong(message -> Recorded.of(message).position())
          .max()
          .orElse(0);
    }
  }

  private Stream<TrackedEventMessage<?>> events(
      String tenantId, String aggregateId, long afterPosition, long lastPosition) {
    return ofAggregates.getOrDefault(aggregateId, List.of()).stream()
        .filter(
            message -> {
              Recorded recorded = Recorded.of(message);
              return recorded.tenantId().equals(tenantId)
                  && recorded.position() > afterPosition
                  && recorded.position() <= lastPosition;
            });
  }

  WorkflowTable workflows() {
    return workflows;
  }

  AgentTable agents() {
    return agents;
  }

  BudgetTable budgets() {
    return budgets;
  }

  JdbcClient db() {
    return db;
  }

  long head() {
    return log.size() + unheard;
  }

  /** The log gets entries that none of these tables is about. */
  void appendUnheard(long entries) {
    unheard += entries;
  }

  /** When the entry at this position occurred. */
  static Instant time(long position) {
    return BEGINNING.plusSeconds(position);
  }

  /** The rows of the projection's first table, folded afresh from all of the log up to there. */
  String foldedFresh(Projection<?> projection, long lastPosition) {
    FoldedRows rows = new FoldedRows(projection);
    for (TrackedEventMessage<?> message : log) {
      Recorded recorded = Recorded.of(message);
      if (recorded.position() <= lastPosition && projection.hears(message.getPayloadType())) {
        projection.apply(message.getPayload(), recorded, rows);
      }
    }
    return rows.json(projection.tables().getFirst().table());
  }

  /** An aggregate that nothing has happened to yet. */
  <C, S, E> Aggregate<C, S, E> aggregate(
      String tenantId,
      String id,
      S initial,
      BiFunction<C, S, ? extends Decision<E, ?>> decide,
      BiFunction<S, E, S> evolve,
      Function<S, C> draw) {
    return new Aggregate<>(tenantId, id, initial, decide, evolve, draw);
  }

  /** An aggregate of a test: commands are decided, and the tables are told what follows. */
  final class Aggregate<C, S, E> {
    private final String tenantId;
    private final String id;
    private final BiFunction<C, S, ? extends Decision<E, ?>> decide;
    private final BiFunction<S, E, S> evolve;
    private final Function<S, C> draw;
    private S state;

    private Aggregate(
        String tenantId,
        String id,
        S initial,
        BiFunction<C, S, ? extends Decision<E, ?>> decide,
        BiFunction<S, E, S> evolve,
        Function<S, C> draw) {
      this.tenantId = tenantId;
      this.id = id;
      this.state = initial;
      this.decide = decide;
      this.evolve = evolve;
      this.draw = draw;
    }

    String id() {
      return id;
    }

    String tenantId() {
      return tenantId;
    }

    /** Has a command that is drawn decided; refused ones change nothing. */
    void live(Runnable afterEach) {
      when(draw.apply(state), afterEach);
    }

    void when(C command, Runnable afterEach) {
      if (decide.apply(command, state) instanceof Accepted<E, ?>(var events)) {
        for (E event : events) {
          state = evolve.apply(state, event);
          record(event);
          afterEach.run();
        }
      }
    }

    private void record(E event) {
      List<TrackedEventMessage<?>> own = ofAggregates.computeIfAbsent(id, of -> new ArrayList<>());
      long position = head() + 1;
      TrackedEventMessage<E> message =
          new GenericTrackedDomainEventMessage<>(
              new GlobalSequenceTrackingToken(position),
              "aggregate",
              id,
              own.size(),
              new GenericDomainEventMessage<>(
                  "aggregate", id, own.size(), event, MetaData.with("tenantId", tenantId)),
              () -> time(position));
      log.add(message);
      own.add(message);
      UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(message);
      filled.forEach(
          (projection, tables) -> {
            if (projection.hears(message.getPayloadType())) {
              projection.apply(event, Recorded.of(message), tables);
            }
          });
      unit.commit();
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    database.close();
  }
}

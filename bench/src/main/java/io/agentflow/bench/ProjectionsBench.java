package io.agentflow.bench;

import io.agentflow.bench.Contest.Effort;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.eventstore.WokenEventStore;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.projections.engine.Copy;
import io.agentflow.projections.engine.ProcessorTokens;
import io.agentflow.projections.engine.ProjectionProcessors;
import io.agentflow.projections.engine.TableTransactions;
import io.agentflow.projections.workflow.WorkflowTable;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** The table of workflows, built from the log's beginning and kept up with it. */
final class ProjectionsBench {

  private static final long ENTRIES = 300_000;
  private static final long ENTRIES_QUICK = 10_000;
  private static final int STOCK_BATCH_EVENTS = 256;
  private static final int STEADY_EVENTS_PER_SECOND = 1_000;
  private static final Duration STEADY_FOR = Duration.ofSeconds(20);
  private static final Duration STEADY_FOR_QUICK = Duration.ofSeconds(2);
  private static final String STOCK = "stock processor, an upsert an event, batch 256";
  private static final String OURS = "rebuild beside the table";

  private ProjectionsBench() {}

  static Result run(Effort effort) throws Exception {
    long entries = effort.isQuick() ? ENTRIES_QUICK : ENTRIES;
    try (TestDatabase database = TestDatabase.create();
        WorkflowsLog log = new WorkflowsLog(database.application())) {
      log.fill(entries);
      database.asOwner("vacuum analyze log.events");
      database.asOwner(
          "create table views.stock (like views.workflows including all);"
              + " grant select, insert, update, truncate on views.stock to agentflow_app");
      Contest contest = new Contest(effort);
      contest.once(STOCK, entries, () -> stock(database, log, entries));
      contest.once(OURS, entries, () -> rebuild(database, log, entries));
      List<Figure> figures = new ArrayList<>(contest.run());
      figures.add(steady(database, log, effort));
      Figures all = new Figures(figures);
      double ours = all.of(OURS, 1).perSecond();
      return new Result(
          "projections",
          Machine.describe(),
          Machine.postgres(database.application()),
          Map.of("entries", entries, "eventsOfAWorkflow", WorkflowsLog.EVENTS_EACH),
          figures,
          List.of(
              Target.atLeast("rebuilt into one table", ours, 50_000, "events/s"),
              Target.atLeast(
                  "beside stock Axon's processor", ours / all.of(STOCK, 1).perSecond(), 4, "times"),
              Target.atMost(
                  "lag at 1,000 events/s, p99",
                  figures.getLast().p99Micros() / 1_000.0,
                  250,
                  "ms")));
    }
  }

  private static void await(BooleanSupplier done) throws InterruptedException {
    while (!done.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private static ProjectionProcessors processors(DataSource dataSource, WokenEventStore store) {
    return new ProjectionProcessors(
        List.of(WorkflowTable.PROJECTION),
        store,
        new ProcessorTokens(dataSource, claimed -> {}),
        new SpringTransactionManager(new TableTransactions(dataSource)),
        JdbcClient.create(dataSource));
  }

  private static void rebuild(TestDatabase database, WorkflowsLog log, long entries)
      throws InterruptedException {
    JdbcClient db = JdbcClient.create(database.application());
    db.sql("delete from views.token_entry").update();
    db.sql("select views.create_copy('workflows')").query((row, n) -> "").single();
    try (WokenEventStore store = new WokenEventStore(log.engine(), log.tail())) {
      ProjectionProcessors processors = processors(database.application(), store);
      processors.start(WorkflowTable.PROJECTION, Copy.NEXT);
      String name = Copy.NEXT.processor(WorkflowTable.PROJECTION);
      await(() -> processors.applyAsLong(name) >= entries);
      processors.stopAll();
    }
    long rows = db.sql("select count(*) from views_next.workflows").query(Long.class).single();
    if (rows != entries / WorkflowsLog.EVENTS_EACH) {
      throw new IllegalStateException("built " + rows + " rows");
    }
    db.sql("select views.drop_copy('workflows')").query((row, n) -> "").single();
  }

  /** As most projections on Axon are written. */
  public static final class StockTable {
    private final JdbcClient db;

    StockTable(JdbcClient db) {
      this.db = db;
    }

    @EventHandler
    public void on(WorkflowEvent event, EventMessage<?> message) {
      DomainEventMessage<?> domain = (DomainEventMessage<?>) message;
      long position = ((TrackedEventMessage<?>) message).trackingToken().position().orElseThrow();
      switch (event) {
        case WorkflowCreated created -> insert(created, domain, position);
        case WorkflowStarted started ->
            update("status = 'running'", event, domain, position, 0, 0).update();
        case MessageRecorded said ->
            update(
                    "messages = messages + 1, total_tokens = :tokens,"
                        + " total_micro_dollars = :microDollars",
                    event,
                    domain,
                    position,
                    said.totalTokens(),
                    said.totalMicroDollars())
                .update();
        case WorkflowCompleted completed ->
            update("status = 'completed', outcome = 'done'", event, domain, position, 0, 0)
                .update();
        default -> throw new IllegalStateException("not in this log: " + event);
      }
    }

    private void insert(WorkflowCreated created, DomainEventMessage<?> message, long position) {
      db.sql(
              """
              insert into views.stock (
                workflow_id, tenant_id, name, intent, status, labels, messages, tool_calls,
                total_tokens, total_micro_dollars, version, position, created_position,
                created_at, updated_at)
              values (
                :id, :tenantId, :name, :intent, 'created', cast(:labels as jsonb), 0, 0, 0, 0, 0,
                :position, :position, :at, :at)
              on conflict (workflow_id) do nothing
              """)
          .param("id", created.workflowId())
          .param("tenantId", message.getMetaData().get("tenantId"))
          .param("name", created.name())
          .param("intent", created.intent())
          .param("labels", "{\"project\":\"bench\"}")
          .param("position", position)
          .param("at", OffsetDateTime.ofInstant(message.getTimestamp(), ZoneOffset.UTC))
          .update();
    }

    private JdbcClient.StatementSpec update(
        String assignments,
        WorkflowEvent event,
        DomainEventMessage<?> message,
        long position,
        long tokens,
        long microDollars) {
      JdbcClient.StatementSpec update =
          db.sql(
                  """
                  update views.stock set %s, version = :version, position = :position,
                    updated_at = :at
                  where workflow_id = :id and version < :version
                  """
                      .formatted(assignments))
              .param("id", event.workflowId())
              .param("version", message.getSequenceNumber())
              .param("position", position)
              .param("at", OffsetDateTime.ofInstant(message.getTimestamp(), ZoneOffset.UTC));
      return assignments.contains(":tokens")
          ? update.param("tokens", tokens).param("microDollars", microDollars)
          : update;
    }
  }

  private static void stock(TestDatabase database, WorkflowsLog log, long entries)
      throws InterruptedException {
    JdbcClient db = JdbcClient.create(database.application());
    db.sql("delete from views.token_entry").update();
    db.sql("truncate views.stock").update();
    Configuration axon =
        DefaultConfigurer.defaultConfiguration(false)
            .configureSerializer(c -> JacksonSerializer.defaultSerializer())
            .configureEventStore(
                c -> EmbeddedEventStore.builder().storageEngine(log.engine()).build())
            .eventProcessing(
                processing ->
                    processing
                        .usingPooledStreamingEventProcessors(
                            (c, processor) ->
                                processor
                                    .initialToken(StreamableMessageSource::createTailToken)
                                    .initialSegmentCount(1)
                                    .batchSize(STOCK_BATCH_EVENTS))
                        .registerTokenStore(
                            c -> new ProcessorTokens(database.application(), claimed -> {}))
                        .registerTransactionManager(
                            "stock",
                            c ->
                                new SpringTransactionManager(
                                    new JdbcTransactionManager(database.application())))
                        .byDefaultAssignTo("stock")
                        .registerEventHandler(c -> new StockTable(db)))
            .start();
    try {
      await(
          () ->
              db.sql("select coalesce(max(position), 0) from views.stock")
                      .query(Long.class)
                      .single()
                  >= entries);
    } finally {
      axon.shutdown();
    }
  }

  /** From when a unit of work is durable until its rows are in the table. */
  private static Figure steady(TestDatabase database, WorkflowsLog log, Effort effort)
      throws InterruptedException, ExecutionException {
    DataSource dataSource = database.application();
    JdbcClient db = JdbcClient.create(dataSource);
    db.sql("delete from views.token_entry").update();
    try (WokenEventStore store = new WokenEventStore(log.engine(), log.tail())) {
      ProjectionProcessors processors = processors(dataSource, store);
      processors.start(WorkflowTable.PROJECTION, Copy.LIVE);
      String name = WorkflowTable.PROJECTION.name();
      await(() -> processors.applyAsLong(name) >= log.reader().headPosition());
      Figure lag =
          Figure.of(
              "lag of the table at 1,000 events/s",
              1,
              WorkflowsLog.EVENTS_EACH,
              Load.paced(
                  (double) STEADY_EVENTS_PER_SECOND / WorkflowsLog.EVENTS_EACH,
                  effort.isQuick() ? STEADY_FOR_QUICK : STEADY_FOR,
                  () -> {
                    log.appendOne();
                    long appended = log.reader().headPosition();
                    await(() -> processors.applyAsLong(name) >= appended);
                  }));
      processors.stopAll();
      return lag;
    }
  }
}

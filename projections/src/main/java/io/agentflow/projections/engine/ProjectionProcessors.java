package io.agentflow.projections.engine;

import io.agentflow.projections.Projection;
import io.agentflow.projections.TableBatches;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.EventTrackerStatus;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.StreamingEventProcessor;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventProcessor;
import org.axonframework.eventhandling.TrackingEventProcessorConfiguration;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.messaging.StreamableMessageSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The event processors of this node that fill tables. Each contends for its token with those of the
 * other nodes; one has it and works. Rows and token move in one transaction.
 */
public final class ProjectionProcessors implements ToLongFunction<String> {

  /** So many events a transaction, where there are as many. */
  private static final int BATCH_EVENTS = 1_024;

  private static final int COPY_BATCH_EVENTS = 4_096;

  private static final Duration BETWEEN_CLAIMS = Duration.ofSeconds(1);
  private static final int THREADS = 2;

  private final Map<String, Projection<?>> projections = new LinkedHashMap<>();
  private final StreamableMessageSource<TrackedEventMessage<?>> log;
  private final TokenStore tokens;
  private final TransactionManager transactions;
  private final DeadLetters deadLetters;
  private final JdbcClient db;
  private final ScheduledExecutorService coordinating;
  private final ScheduledExecutorService working;
  private final Map<String, Running> running = new ConcurrentHashMap<>();

  /**
   * Processors of these projections; none runs yet.
   *
   * @param transactions of the same data source as {@code db} and the tokens
   */
  public ProjectionProcessors(
      Collection<Projection<?>> projections,
      StreamableMessageSource<TrackedEventMessage<?>> log,
      TokenStore tokens,
      TransactionManager transactions,
      JdbcClient db) {
    projections.forEach(projection -> this.projections.put(projection.name(), projection));
    this.log = log;
    this.tokens = tokens;
    this.transactions = transactions;
    this.deadLetters = new DeadLetters(db);
    this.db = db;
    this.coordinating =
        Executors.newScheduledThreadPool(1, Thread.ofPlatform().name("projections").factory());
    this.working =
        Executors.newScheduledThreadPool(
            THREADS, Thread.ofPlatform().name("projecting-", 1).factory());
  }

  private record Running(StreamingEventProcessor processor, TableBatches tables) {}

  /** All projections there are, in their order. */
  public Collection<Projection<?>> projections() {
    return projections.values();
  }

  /**
   * One of them.
   *
   * @throws UnknownProjection when there is none of this name
   */
  public Projection<?> projection(String name) {
    Projection<?> found = projections.get(name);
    if (found == null) {
      throw new UnknownProjection(name, projections.keySet());
    }
    return found;
  }

  /** Has one filled by this node too; nothing happens where it is already. */
  public void start(Projection<?> projection, Copy copy) {
    running.computeIfAbsent(
        copy.processor(projection),
        name -> {
          Running started = build(projection, copy, name);
          started.processor().start();
          return started;
        });
  }

  private Running build(Projection<?> projection, Copy copy, String name) {
    TableBatches tables = new TableBatches(projection, db, copy.schema());
    ProjectionInvoker invoker = new ProjectionInvoker(projection, name, tables, deadLetters, db);
    return new Running(copy == Copy.LIVE ? sharing(name, invoker) : alone(name, invoker), tables);
  }

  /** Threads are shared by all tables that are kept up. */
  private StreamingEventProcessor sharing(String name, ProjectionInvoker invoker) {
    return PooledStreamingEventProcessor.builder()
        .name(name)
        .eventHandlerInvoker(invoker)
        .errorHandler(PropagatingErrorHandler.instance())
        .messageSource(log)
        .tokenStore(tokens)
        .transactionManager(transactions)
        .coordinatorExecutor(coordinating)
        .workerExecutor(working)
        .initialToken(StreamableMessageSource::createTailToken)
        .initialSegmentCount(1)
        .tokenClaimInterval(BETWEEN_CLAIMS.toMillis())
        .claimExtensionThreshold(BETWEEN_CLAIMS.toMillis())
        .batchSize(BATCH_EVENTS)
        .build();
  }

  /**
   * A copy has all of the log before it, and a thread of its own: handing each event over to
   * another takes a pooled processor longer than folding it.
   */
  private StreamingEventProcessor alone(String name, ProjectionInvoker invoker) {
    return TrackingEventProcessor.builder()
        .name(name)
        .eventHandlerInvoker(invoker)
        .errorHandler(PropagatingErrorHandler.instance())
        .messageSource(log)
        .tokenStore(tokens)
        .transactionManager(transactions)
        .trackingEventProcessorConfiguration(
            TrackingEventProcessorConfiguration.forSingleThreadedProcessing()
                .andInitialTrackingToken(StreamableMessageSource::createTailToken)
                .andTokenClaimInterval(BETWEEN_CLAIMS.toMillis(), TimeUnit.MILLISECONDS)
                .andBatchSize(COPY_BATCH_EVENTS))
        .build();
  }

  /** This node fills it no more, once this returns. */
  public void stop(Projection<?> projection, Copy copy) {
    Running stopped = running.remove(copy.processor(projection));
    if (stopped != null) {
      stopped.processor().shutDown();
    }
  }

  /** Ends all of them. */
  public void stopAll() {
    for (Projection<?> projection : projections.values()) {
      for (Copy copy : Copy.values()) {
        stop(projection, copy);
      }
    }
    coordinating.shutdown();
    working.shutdown();
  }

  /** This node begins with a processor: another may have written its tables since. */
  public void claimed(String processor) {
    @Nullable Running begins = running.get(processor);
    if (begins != null) {
      begins.tables().forget();
    }
  }

  /** The last position that a processor has passed, on whichever node it works; 0 before that. */
  @Override
  public long applyAsLong(String processor) {
    @Nullable Running here = running.get(processor);
    if (here != null) {
      for (EventTrackerStatus status : here.processor().processingStatus().values()) {
        return status.getCurrentPosition().orElse(0);
      }
    }
    return storedPosition(processor);
  }

  /** As its token says, in the form that Axon's serializer gives it. */
  long storedPosition(String processor) {
    return db.sql(
            """
            select (convert_from(token, 'UTF8')::jsonb ->> 'globalIndex')::bigint
            from views.token_entry where processor_name = :name and segment = 0
            """)
        .param("name", processor)
        .query(Long.class)
        .optional()
        .filter(Objects::nonNull)
        .orElse(0L);
  }
}

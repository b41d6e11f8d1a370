package io.agentflow.projections.engine;

import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TableBatches;
import java.util.Set;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandlerInvoker;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.Segment;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.ExecutionResult;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Gives a projection its events, batch by batch. When a batch fails by one of its events, its
 * events come again one by one, each written before the next; the one that fails alone is set aside
 * with its aggregate, and its neighbours are in the tables.
 */
final class ProjectionInvoker implements EventHandlerInvoker {

  private static final Logger LOG = LoggerFactory.getLogger(ProjectionInvoker.class);
  private static final long NONE = -1;

  private final Projection<?> projection;
  private final String processor;
  private final TableBatches tables;
  private final DeadLetters deadLetters;
  private final JdbcClient db;

  /** Up to this position events come one by one. */
  private long aloneUpTo = NONE;

  /** Rows that were written one by one are not kept in the right order. */
  private boolean forgetFirst;

  ProjectionInvoker(
      Projection<?> projection,
      String processor,
      TableBatches tables,
      DeadLetters deadLetters,
      JdbcClient db) {
    this.projection = projection;
    this.processor = processor;
    this.tables = tables;
    this.deadLetters = deadLetters;
    this.db = db;
  }

  private static final class Batch {
    private final Set<String> setAside;
    private long last;

    Batch(Set<String> setAside) {
      this.setAside = setAside;
    }
  }

  @Override
  public boolean canHandle(EventMessage<?> message, Segment segment) {
    return canHandleType(message.getPayloadType());
  }

  @Override
  public boolean canHandleType(Class<?> payloadType) {
    return projection.hears(payloadType);
  }

  @Override
  public void handle(EventMessage<?> message, Segment segment) {
    Batch batch = batch();
    Recorded recorded = Recorded.of(message);
    batch.last = recorded.position();
    String aggregateId = ((DomainEventMessage<?>) message).getAggregateIdentifier();
    if (batch.setAside.contains(aggregateId)) {
      return;
    }
    if (recorded.position() > aloneUpTo) {
      projection.apply(message.getPayload(), recorded, tables);
    } else {
      alone(message, recorded, aggregateId, batch);
    }
  }

  private Batch batch() {
    UnitOfWork<?> unit = CurrentUnitOfWork.get();
    return unit.getOrComputeResource(
        "projected by " + processor,
        name -> {
          if (forgetFirst) {
            tables.forget();
            forgetFirst = false;
          }
          Batch batch = new Batch(deadLetters.aggregates(processor));
          unit.onRollback(failed -> rolledBack(batch, failed.getExecutionResult()));
          return batch;
        });
  }

  private void rolledBack(Batch batch, @Nullable ExecutionResult result) {
    if (result != null
        && result.isExceptionResult()
        && Blame.isTheEvents(result.getExceptionResult())) {
      aloneUpTo = Math.max(aloneUpTo, batch.last);
    }
  }

  private void alone(EventMessage<?> message, Recorded recorded, String aggregateId, Batch batch) {
    forgetFirst = true;
    RuntimeException failure = new OneEvent(projection, tables, db).failure(message, recorded);
    if (failure != null) {
      setAside(message, recorded, aggregateId, batch, failure);
    }
  }

  private void setAside(
      EventMessage<?> message,
      Recorded recorded,
      String aggregateId,
      Batch batch,
      RuntimeException cause) {
    if (deadLetters.count(processor) >= DeadLetters.AGGREGATES_MAX) {
      throw new IllegalStateException(
          "%s has set %d aggregates aside and stands still at position %d"
              .formatted(processor, DeadLetters.AGGREGATES_MAX, recorded.position()),
          cause);
    }
    LOG.error(
        "{} sets aggregate {} aside at position {}; af projections dead-letters shows it",
        processor,
        aggregateId,
        recorded.position(),
        cause);
    deadLetters.add(processor, aggregateId, recorded, message.getPayloadType(), cause);
    batch.setAside.add(aggregateId);
  }
}

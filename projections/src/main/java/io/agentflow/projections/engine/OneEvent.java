package io.agentflow.projections.engine;

import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TableBatches;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Folds a single event: a unit of work of its own has its rows written before the next one, and a
 * savepoint takes them back when it fails. To be used within a transaction.
 */
record OneEvent(Projection<?> projection, TableBatches tables, JdbcClient db) {

  /**
   * Has the event change rows.
   *
   * @return what went wrong by the event's fault; null where nothing did
   * @throws RuntimeException for what is not the event's fault
   */
  @Nullable RuntimeException failure(EventMessage<?> message, Recorded recorded) {
    db.sql("savepoint one_event").update();
    UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(message);
    try {
      projection.apply(message.getPayload(), recorded, tables);
      unit.commit();
      db.sql("release savepoint one_event").update();
      return null;
    } catch (RuntimeException e) {
      // A commit that fails has rolled back already.
      if (unit.phase() == UnitOfWork.Phase.STARTED) {
        unit.rollback(e);
      }
      if (!Blame.isTheEvents(e)) {
        throw e;
      }
      db.sql("rollback to savepoint one_event").update();
      tables.forget();
      return e;
    }
  }
}

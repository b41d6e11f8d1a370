package io.agentflow.projections.engine;

import io.agentflow.projections.PastEvents;
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.TableBatches;
import java.util.Iterator;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings an aggregate that was set aside back into a projection's tables: all that it did from
 * there on, up to the log's end. The letter is locked meanwhile, so that a batch which would pass
 * over the aggregate waits; one that comes to the same events later finds them already in the rows.
 */
final class Redelivery {

  private final DeadLetters deadLetters;
  private final PastEvents pastEvents;
  private final JdbcClient db;
  private final TransactionTemplate transaction;

  Redelivery(
      DeadLetters deadLetters,
      PastEvents pastEvents,
      JdbcClient db,
      PlatformTransactionManager transactions) {
    this.deadLetters = deadLetters;
    this.pastEvents = pastEvents;
    this.db = db;
    this.transaction = new TransactionTemplate(transactions);
  }

  /**
   * Tries the event again, and those that wait behind it.
   *
   * @param without whether the event is passed over, for ever
   * @return whether all are in the tables; else the letter says which broke
   * @throws UnknownDeadLetter when the aggregate is not set aside
   */
  boolean redeliver(Projection<?> projection, Copy copy, String aggregateId, boolean without) {
    String processor = copy.processor(projection);
    return Boolean.TRUE.equals(
        transaction.execute(
            status -> {
              DeadLetters.At letter =
                  deadLetters
                      .lock(processor, aggregateId)
                      .orElseThrow(() -> new UnknownDeadLetter(processor, aggregateId));
              OneEvent one =
                  new OneEvent(projection, new TableBatches(projection, db, copy.schema()), db);
              Iterator<? extends TrackedEventMessage<?>> waiting =
                  pastEvents
                      .of(letter.tenantId(), aggregateId, letter.position() - 1, Long.MAX_VALUE)
                      .iterator();
              if (without && waiting.hasNext()) {
                waiting.next();
              }
              while (waiting.hasNext()) {
                if (!isProjected(one, letter, waiting.next())) {
                  return false;
                }
              }
              deadLetters.remove(letter);
              return true;
            }));
  }

  private boolean isProjected(OneEvent one, DeadLetters.At letter, TrackedEventMessage<?> message) {
    if (!one.projection().hears(message.getPayloadType())) {
      return true;
    }
    Recorded recorded = Recorded.of(message);
    RuntimeException failure = one.failure(message, recorded);
    if (failure != null) {
      deadLetters.failedAgain(letter, recorded, message.getPayloadType(), failure);
    }
    return failure == null;
  }
}

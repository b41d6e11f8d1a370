package io.agentflow.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AppendTransactionIT {

  private TestDatabase database;
  private AppendTransaction transaction;

  @BeforeEach
  void open() {
    database = TestDatabase.create();
    transaction =
        new AppendTransaction(
            database.application(),
            LogWriterSettings.DEFAULT,
            (entry, prevHash, tenantPosition) -> entry.record().hash(prevHash, tenantPosition));
  }

  @AfterEach
  void close() {
    transaction.close();
    database.close();
  }

  private static Unit unit(String aggregateId, long firstSequenceNumber, UUID... eventIds) {
    return new Unit(
        IntStream.range(0, eventIds.length)
            .mapToObj(i -> entry(aggregateId, firstSequenceNumber + i, eventIds[i]))
            .toList(),
        null);
  }

  private static NewEntry entry(String aggregateId, long sequenceNumber, UUID eventId) {
    return new NewEntry(
        "acme",
        eventId,
        "workflow",
        aggregateId,
        sequenceNumber,
        new EventType("workflow.noted", 1),
        Instant.EPOCH,
        "{}",
        "{}",
        new GenericDomainEventMessage<>(
            "workflow", aggregateId, sequenceNumber, new TestLog.Noted("", 0)));
  }

  @Test
  void what_is_looked_up_is_found_by_its_place_and_not_by_ids_that_it_took_from_others()
      throws Exception {
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    Unit appended = unit("there", 0, first, second);
    transaction.append(List.of(appended));

    Unit partlyTaken = unit("elsewhere", 0, first, UUID.randomUUID());
    Unit wholeTaken = unit("elsewhere", 0, first, second);
    Unit displaced = unit("there", 1, first);
    Unit onItsWay = unit("lost", 0, UUID.randomUUID());

    assertThat(
            transaction
                .lookUp(List.of(partlyTaken, appended, wholeTaken, displaced, onItsWay))
                .appended())
        .containsOnlyKeys(appended);
  }
}

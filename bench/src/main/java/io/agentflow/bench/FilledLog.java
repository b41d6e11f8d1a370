package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;

/** A log with many entries of a few tenants, to read. */
final class FilledLog implements AutoCloseable {

  static final String TEXT = "x".repeat(100);
  private static final int TENANTS = 4;
  private static final int UNIT_ENTRIES = 500;

  private final TestDatabase database = TestDatabase.create();
  private final TestLog log = new TestLog(database);
  private final long entries;

  FilledLog(long entries) {
    this.entries = entries;
    IntStream.range(0, Math.toIntExact(entries / UNIT_ENTRIES))
        .parallel()
        .forEach(unit -> log.engine().appendEvents(unit("tenant-" + unit % TENANTS)));
    database.asOwner("vacuum analyze log.events");
  }

  private static List<DomainEventMessage<?>> unit(String tenantId) {
    List<DomainEventMessage<?>> unit = new ArrayList<>(UNIT_ENTRIES);
    for (int aggregate = 0; aggregate < UNIT_ENTRIES / 10; aggregate++) {
      String aggregateId = UuidCreator.getTimeOrderedEpochFast().toString();
      for (int i = 0; i < 10; i++) {
        unit.add(
            new GenericDomainEventMessage<>(
                "workflow",
                aggregateId,
                i,
                new TestLog.Noted(TEXT, i),
                MetaData.with("tenantId", tenantId).and("actor", "tester")));
      }
    }
    return unit;
  }

  TestDatabase database() {
    return database;
  }

  TestLog log() {
    return log;
  }

  long entries() {
    return entries;
  }

  @Override
  public void close() {
    log.close();
    database.close();
  }
}

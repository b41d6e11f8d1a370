package io.agentflow.eventstore.testing;

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
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.json.JacksonSerializer;

/** A node of the log in a test: its writer, its engine, and a simple event to append. */
public final class TestLog implements AutoCloseable {

  /** Something happened. */
  public record Noted(String text, long amount) {}

  /** A tool was called. */
  public record Called(String tool, String arguments) {}

  public static final EventTypes EVENT_TYPES =
      new EventTypes(
          Map.of(
              Noted.class,
              new EventType("workflow.noted", 1),
              Called.class,
              new EventType("workflow.tool-called", 1)));

  private final LogTail tail = new LogTail();
  private final LogWriter writer;
  private final LogReader reader;
  private final TenantLog tenantLog;
  private final PostgresEventStorageEngine engine;

  public TestLog(TestDatabase database) {
    writer = new LogWriter(database.application(), LogWriterSettings.DEFAULT, tail);
    reader = new LogReader(database.application());
    tenantLog = new TenantLog(database.application());
    engine = engine(database, writer);
  }

  /** An engine on a writer of one's own. */
  public static PostgresEventStorageEngine engine(TestDatabase database, LogWriter writer) {
    return engine(database, new TenantLog(database.application()), writer);
  }

  /** An engine on a writer of one's own, that reads aggregates by this. */
  public static PostgresEventStorageEngine engine(
      TestDatabase database, TenantLog aggregates, LogWriter writer) {
    return new PostgresEventStorageEngine(
        writer,
        new LogReader(database.application()),
        aggregates,
        new SpokenNameSerializer(EVENT_TYPES),
        new Snapshots(
            database.application(),
            database.application(),
            JacksonSerializer.defaultSerializer(),
            "test"));
  }

  /** Events of one aggregate, with these sequence numbers. */
  public static List<DomainEventMessage<Noted>> events(
      String tenantId, String aggregateId, long first, int count) {
    return IntStream.range(0, count)
        .<DomainEventMessage<Noted>>mapToObj(
            i ->
                new GenericDomainEventMessage<>(
                    "workflow",
                    aggregateId,
                    first + i,
                    new Noted("note " + (first + i), first + i),
                    MetaData.with("tenantId", tenantId).and("actor", "tester")))
        .toList();
  }

  /** Appends events of one aggregate as one unit of work. */
  public void append(String tenantId, String aggregateId, long first, int count) {
    engine.appendEvents(events(tenantId, aggregateId, first, count));
  }

  /** Appends one event of an aggregate of any kind, the first that it has. */
  public void append(String tenantId, String aggregateType, String aggregateId, Object event) {
    engine.appendEvents(
        List.of(
            new GenericDomainEventMessage<>(
                aggregateType,
                aggregateId,
                0,
                event,
                MetaData.with("tenantId", tenantId).and("actor", "tester"))));
  }

  public PostgresEventStorageEngine engine() {
    return engine;
  }

  public LogWriter writer() {
    return writer;
  }

  public TenantLog tenantLog() {
    return tenantLog;
  }

  public LogReader reader() {
    return reader;
  }

  public LogTail tail() {
    return tail;
  }

  @Override
  public void close() {
    writer.close();
  }
}

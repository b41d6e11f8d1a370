package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.application.StoredEvents;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCompleted;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowStarted;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.json.JacksonSerializer;

/** A log of workflows of ten events each, as the server writes them. */
final class WorkflowsLog implements AutoCloseable {

  static final int EVENTS_EACH = 10;

  private static final int TENANTS = 4;
  private static final int WORKFLOWS_A_UNIT = 50;
  private static final int CONTENT_CHARS = 200;

  private final SpokenNameSerializer events = new SpokenNameSerializer(StoredEvents.known());
  private final LogTail tail = new LogTail();
  private final LogReader reader;
  private final LogWriter writer;
  private final PostgresEventStorageEngine engine;

  private final String content;

  WorkflowsLog(DataSource application) {
    this(application, CONTENT_CHARS);
  }

  /** With messages of so many characters. */
  WorkflowsLog(DataSource application, int contentChars) {
    this.content = "x".repeat(contentChars);
    this.reader = new LogReader(application);
    this.writer = new LogWriter(application, LogWriterSettings.DEFAULT, tail);
    this.engine =
        new PostgresEventStorageEngine(
            writer,
            reader,
            new TenantLog(application),
            events,
            new Snapshots(
                application, application, JacksonSerializer.defaultSerializer(), "bench"));
  }

  /** Appends so many events, by several threads. */
  void fill(long entries) {
    IntStream.range(0, Math.toIntExact(entries / EVENTS_EACH / WORKFLOWS_A_UNIT))
        .parallel()
        .forEach(
            unit -> {
              List<DomainEventMessage<?>> appended = new ArrayList<>();
              for (int i = 0; i < WORKFLOWS_A_UNIT; i++) {
                appended.addAll(workflow("tenant-" + unit % TENANTS));
              }
              engine.appendEvents(appended);
            });
  }

  /** All that one workflow does, as one unit of work. */
  void appendOne() {
    engine.appendEvents(workflow("tenant-0"));
  }

  private List<DomainEventMessage<WorkflowEvent>> workflow(String tenantId) {
    String id = UuidCreator.getTimeOrderedEpochFast().toString();
    List<WorkflowEvent> happened = new ArrayList<>();
    happened.add(new WorkflowCreated(id, "run", "do it", null, null, Map.of("project", "bench")));
    happened.add(new WorkflowStarted(id));
    int messages = EVENTS_EACH - 3;
    for (int i = 1; i <= messages; i++) {
      happened.add(
          new MessageRecorded(id, "m" + i, "agent", "a", "b", content, 10, 20, 10L * i, 20L * i));
    }
    happened.add(new WorkflowCompleted(id, "done", 10L * messages, 20L * messages));
    return IntStream.range(0, happened.size())
        .<DomainEventMessage<WorkflowEvent>>mapToObj(
            i ->
                new GenericDomainEventMessage<>(
                    "workflow",
                    id,
                    i,
                    happened.get(i),
                    MetaData.with("tenantId", tenantId).and("actor", "bench")))
        .toList();
  }

  PostgresEventStorageEngine engine() {
    return engine;
  }

  LogTail tail() {
    return tail;
  }

  LogReader reader() {
    return reader;
  }

  @Override
  public void close() {
    writer.close();
  }
}

package io.agentflow.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog.Noted;
import io.agentflow.eventstore.verify.ChainVerifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.correlation.SimpleCorrelationDataProvider;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.axonframework.serialization.json.JacksonSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What a command on an aggregate costs that a node has in memory. */
class AggregateCacheIT {

  record Open(String id) {}

  record Note(@TargetAggregateIdentifier String id, String text) {}

  /** Counts how often it was noted. */
  public static class Notebook {

    @AggregateIdentifier private @Nullable String id;
    private long notes;

    Notebook() {}

    @CommandHandler
    Notebook(Open command) {
      AggregateLifecycle.apply(new Noted(command.id(), 0));
    }

    @CommandHandler
    long handle(Note command) {
      AggregateLifecycle.apply(new Noted(command.text(), notes + 1));
      return notes;
    }

    @EventSourcingHandler
    void on(Noted noted) {
      if (id == null) {
        id = noted.text();
      }
      notes = noted.amount();
    }
  }

  /** Counts how often somebody reads. */
  private static final class CountingDataSource extends DelegatingDataSource {

    private final AtomicInteger reads = new AtomicInteger();

    CountingDataSource(DataSource dataSource) {
      super(dataSource);
    }

    @Override
    public Connection getConnection() throws SQLException {
      reads.incrementAndGet();
      return super.getConnection();
    }
  }

  private final class Node implements AutoCloseable {

    private final CountingDataSource counting = new CountingDataSource(database.application());
    private final LogWriter writer =
        new LogWriter(database.application(), LogWriterSettings.DEFAULT, new LogTail());
    private final Configuration axon;

    Node() {
      PostgresEventStorageEngine engine =
          new PostgresEventStorageEngine(
              writer,
              new LogReader(counting),
              new TenantLog(counting),
              new SpokenNameSerializer(
                  new EventTypes(Map.of(Noted.class, new EventType("notebook.noted", 1)))),
              new Snapshots(counting, counting, JacksonSerializer.defaultSerializer(), "test"));
      axon =
          DefaultConfigurer.defaultConfiguration(false)
              .configureSerializer(c -> JacksonSerializer.defaultSerializer())
              .configureEventStore(c -> EmbeddedEventStore.builder().storageEngine(engine).build())
              .configureCorrelationDataProviders(
                  c -> List.of(new SimpleCorrelationDataProvider("tenantId")))
              .configureAggregate(
                  AggregateConfigurer.defaultConfiguration(Notebook.class)
                      .configureCache(c -> new AggregateCache(100))
                      .configureSnapshotTrigger(c -> new SnapshotCadence(c.snapshotter(), 1_000)))
              .start();
    }

    @Nullable Object send(Object command) {
      return axon.commandGateway()
          .sendAndWait(new GenericCommandMessage<>(command, MetaData.with("tenantId", "acme")));
    }

    int reads() {
      return counting.reads.get();
    }

    @Override
    public void close() {
      axon.shutdown();
      writer.close();
    }
  }

  private TestDatabase database;
  private Node here;
  private Node there;
  private final String id = UUID.randomUUID().toString();

  @BeforeEach
  void startTwoNodes() {
    database = TestDatabase.create();
    here = new Node();
    there = new Node();
    here.send(new Open(id));
  }

  @AfterEach
  void stopTwoNodes() {
    there.close();
    here.close();
    database.close();
  }

  @Test
  void a_command_on_an_aggregate_in_memory_is_one_append_and_no_read() {
    int before = here.reads();
    for (long note = 1; note <= 50; note++) {
      assertThat(here.send(new Note(id, "again"))).isEqualTo(note);
    }
    assertThat(here.reads()).isEqualTo(before);
    assertThat(new LogReader(database.application()).headPosition()).isEqualTo(51);
  }

  @Test
  void who_is_behind_another_node_conflicts_once_and_then_reads_anew() {
    assertThat(there.send(new Note(id, "there"))).isEqualTo(1L);
    assertThatThrownBy(() -> here.send(new Note(id, "here")))
        .isInstanceOf(ConcurrencyException.class);
    assertThat(here.send(new Note(id, "here"))).isEqualTo(2L);
    assertThat(new ChainVerifier(database.application()).verifyAll().valid()).isTrue();
  }
}

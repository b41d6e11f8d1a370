package io.agentflow.server.wiring;

import io.agentflow.application.AggregateStates;
import io.agentflow.application.CurrentTenant;
import io.agentflow.application.StoredEvents;
import io.agentflow.eventstore.AggregateCache;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.EventsOfAggregate;
import io.agentflow.eventstore.postgres.LogSignal;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Receipts;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.LogExport;
import io.agentflow.projections.Past;
import io.agentflow.projections.PastPositions;
import io.agentflow.server.ServerSettings;
import java.time.Clock;
import java.time.Instant;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The log: its writer, its readers, its verifier and its export. */
@Configuration(proxyBeanMethods = false)
class LogWiring {

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  LogTail logTail() {
    return new LogTail();
  }

  @Bean
  LogReader logReader(DataSource dataSource) {
    return new LogReader(dataSource);
  }

  @Bean
  TenantLog tenantLog(TenantConnections connections) {
    return new TenantLog(connections);
  }

  /** What tables are folded from for a point of the past: as all that is read for a tenant. */
  @Bean
  Past past(LogReader log, TenantLog ofTenant, SpokenNameSerializer events, Clock clock) {
    return new Past(
        new EventsOfAggregate(
                (tenantId, aggregateId, afterSequence, lastPosition, limit) -> {
                  // The next page is read by a thread of its own.
                  try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
                    return ofTenant.ofAggregate(
                        tenantId, aggregateId, afterSequence, lastPosition, limit);
                  }
                },
                events)
            ::read,
        new PastPositions() {
          @Override
          public long head() {
            return log.headPosition();
          }

          @Override
          public long at(String tenantId, Instant time) {
            return ofTenant.positionAt(tenantId, time);
          }
        },
        clock);
  }

  @Bean
  LogWriter logWriter(DataSource dataSource, ServerSettings settings, LogTail tail) {
    return new LogWriter(dataSource, settings.log(), tail);
  }

  @Bean
  LogSignal logSignal(DataSource dataSource, LogTail tail) {
    return new LogSignal(dataSource, tail);
  }

  @Bean
  SpokenNameSerializer spokenNameSerializer() {
    return new SpokenNameSerializer(StoredEvents.known());
  }

  @Bean
  PostgresEventStorageEngine storageEngine(
      LogWriter writer,
      LogReader reader,
      TenantLog aggregates,
      SpokenNameSerializer serializer,
      DataSource dataSource,
      TenantConnections connections) {
    return new PostgresEventStorageEngine(
        writer,
        reader,
        aggregates,
        serializer,
        new Snapshots(
            dataSource, connections, AggregateStates.serializer(), AggregateStates.code()));
  }

  @Bean
  Receipts receipts(TenantConnections connections, DataSource dataSource) {
    return new Receipts(connections, dataSource);
  }

  @Bean
  AggregateCache aggregateCache(ServerSettings settings) {
    return new AggregateCache(settings.cachedAggregates());
  }

  @Bean
  ChainVerifier chainVerifier(DataSource dataSource) {
    return new ChainVerifier(dataSource);
  }

  @Bean
  LogExport logExport(DataSource dataSource) {
    return new LogExport(dataSource);
  }
}

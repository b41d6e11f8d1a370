package io.agentflow.server.wiring;

import io.agentflow.application.CurrentTenant;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.AggregateConfiguration;
import org.axonframework.config.Configuration;
import org.axonframework.eventsourcing.AggregateFactory;
import org.axonframework.eventsourcing.AggregateSnapshotter;
import org.axonframework.eventsourcing.Snapshotter;

/**
 * Keeps the states of aggregates on a thread of its own, so that no command waits for it; each in
 * the name of the tenant whose command it was. Where too many wait, whoever asks does it himself.
 */
final class SnapshotsBeside implements Executor {

  private static final int WAITING_MAX = 256;
  private static final long IDLE_SECONDS = 60;

  private final ThreadPoolExecutor thread;

  private SnapshotsBeside() {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().name("snapshots").daemon().factory(),
            new ThreadPoolExecutor.CallerRunsPolicy());
    thread.allowCoreThreadTimeOut(true);
  }

  /** Axon's own, but for where it works. */
  static Snapshotter of(Configuration axon) {
    List<AggregateFactory<?>> factories =
        axon.findModules(AggregateConfiguration.class).stream()
            .<AggregateFactory<?>>map(aggregate -> aggregate.aggregateFactory())
            .toList();
    return AggregateSnapshotter.builder()
        .eventStore(axon.eventStore())
        .transactionManager(axon.getComponent(TransactionManager.class))
        .aggregateFactories(factories)
        .repositoryProvider(axon::repository)
        .parameterResolverFactory(axon.parameterResolverFactory())
        .executor(new SnapshotsBeside())
        .build();
  }

  @Override
  public void execute(Runnable keeping) {
    String tenantId = CurrentTenant.name();
    thread.execute(
        () -> {
          try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
            keeping.run();
          }
        });
  }
}

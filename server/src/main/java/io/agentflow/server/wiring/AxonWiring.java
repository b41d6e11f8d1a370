package io.agentflow.server.wiring;

import io.agentflow.application.CommandTargets;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.application.agent.AgentAggregate;
import io.agentflow.application.budget.BudgetAggregate;
import io.agentflow.application.budget.ParentBudgets;
import io.agentflow.application.reaction.Reactions;
import io.agentflow.application.schedule.CronTimes;
import io.agentflow.application.schedule.ScheduleAggregate;
import io.agentflow.application.tenant.TenantAggregate;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.eventstore.AggregateCache;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.SnapshotCadence;
import io.agentflow.eventstore.WokenEventStore;
import io.agentflow.eventstore.postgres.EventsOfAggregate;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.Projection;
import io.agentflow.projections.access.ApiKeyTable;
import io.agentflow.projections.access.RoleBindingTable;
import io.agentflow.projections.agent.AgentTable;
import io.agentflow.projections.approval.ApprovalTable;
import io.agentflow.projections.budget.BudgetTable;
import io.agentflow.projections.engine.ProcessorTokens;
import io.agentflow.projections.engine.ProjectionProcessors;
import io.agentflow.projections.engine.Projections;
import io.agentflow.projections.engine.TableTransactions;
import io.agentflow.projections.message.MessageTable;
import io.agentflow.projections.schedule.DueTimes;
import io.agentflow.projections.schedule.ScheduleTable;
import io.agentflow.projections.step.StepTable;
import io.agentflow.projections.tool.ToolCallTable;
import io.agentflow.projections.workflow.WorkflowTable;
import io.agentflow.server.ServerSettings;
import io.agentflow.server.telemetry.Tracing;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.Configuration;
import org.axonframework.config.Configurer;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventhandling.PropagatingErrorHandler;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Axon, put together by hand: its auto-configuration looks for the Boot of another year and would,
 * without a word, go on with a transaction manager that does nothing.
 */
@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
class AxonWiring {

  /** Which aggregates there are. Their commands need no transaction: the log's writer has it. */
  private static final List<Class<?>> AGGREGATES =
      List.of(
          WorkflowAggregate.class,
          AgentAggregate.class,
          BudgetAggregate.class,
          ScheduleAggregate.class,
          TenantAggregate.class);

  /** Which tables there are. */
  private static final List<Projection<?>> PROJECTIONS =
      List.of(
          WorkflowTable.PROJECTION,
          StepTable.PROJECTION,
          ApprovalTable.PROJECTION,
          AgentTable.PROJECTION,
          BudgetTable.PROJECTION,
          ScheduleTable.PROJECTION,
          MessageTable.PROJECTION,
          ToolCallTable.PROJECTION,
          RoleBindingTable.PROJECTION,
          ApiKeyTable.PROJECTION);

  /** Started by {@link AxonLifecycle}, when all that answers events is there. */
  @Bean(destroyMethod = "")
  Configuration axon(
      WokenEventStore eventStore,
      SpokenNameSerializer events,
      AggregateCache cache,
      ServerSettings settings,
      TokenStore tokens,
      PlatformTransactionManager tableTransactions,
      Reactions reactions,
      Tracing tracing) {
    // No located modules: one of them calls home to ask for updates.
    Configurer configurer =
        DefaultConfigurer.defaultConfiguration(false)
            .configureSerializer(c -> JacksonSerializer.defaultSerializer())
            .configureMessageSerializer(c -> JacksonSerializer.defaultSerializer())
            .configureEventSerializer(c -> events)
            .configureEventStore(c -> eventStore)
            .configureSnapshotter(SnapshotsBeside::of)
            .configureCorrelationDataProviders(c -> List.of(new WhoAndWhy()))
            .registerComponent(
                ParentBudgets.class,
                c -> new ParentBudgets(() -> c.repository(BudgetAggregate.class)));
    AGGREGATES.forEach(
        aggregate ->
            configurer.configureAggregate(
                aggregate(aggregate, cache, settings.snapshotEveryEvents())));
    react(configurer, tokens, new SpringTransactionManager(tableTransactions), reactions);
    Configuration axon = configurer.buildConfiguration();
    TelemetryWiring.commandSpans(tracing)
        .ifPresent(spans -> axon.commandBus().registerHandlerInterceptor(spans));
    return axon;
  }

  private static <A> AggregateConfigurer<A> aggregate(
      Class<A> type, AggregateCache cache, int snapshotEveryEvents) {
    return AggregateConfigurer.defaultConfiguration(type)
        .configureCommandTargetResolver(c -> new CommandTargets())
        .configureCache(c -> cache)
        .configureSnapshotTrigger(c -> new SnapshotCadence(c.snapshotter(), snapshotEveryEvents));
  }

  private static final long BETWEEN_CLAIMS_MILLIS = 1_000;

  /** What follows from events is sent before the token moves; one that fails is tried again. */
  private static void react(
      Configurer configurer,
      TokenStore tokens,
      TransactionManager transactions,
      Reactions reactions) {
    configurer.eventProcessing(
        processing ->
            processing
                .usingPooledStreamingEventProcessors(
                    (c, processor) ->
                        processor
                            .initialToken(StreamableMessageSource::createTailToken)
                            .initialSegmentCount(1)
                            .tokenClaimInterval(BETWEEN_CLAIMS_MILLIS)
                            .claimExtensionThreshold(BETWEEN_CLAIMS_MILLIS)
                            .batchSize(256))
                .registerDefaultListenerInvocationErrorHandler(
                    c -> PropagatingErrorHandler.instance())
                .registerTokenStore(c -> tokens)
                .registerTransactionManager(Reactions.PROCESSING_GROUP, c -> transactions)
                .registerEventHandler(c -> reactions));
  }

  @Bean
  PlatformTransactionManager tableTransactions(DataSource dataSource) {
    return new TableTransactions(dataSource);
  }

  @Bean
  TokenStore tokenStore(DataSource dataSource, ObjectProvider<ProjectionProcessors> processors) {
    return new ProcessorTokens(dataSource, claimed -> processors.getObject().claimed(claimed));
  }

  @Bean(destroyMethod = "")
  ProjectionProcessors projectionProcessors(
      WokenEventStore eventStore,
      TokenStore tokens,
      DataSource dataSource,
      PlatformTransactionManager tableTransactions) {
    return new ProjectionProcessors(
        PROJECTIONS,
        eventStore,
        tokens,
        new SpringTransactionManager(tableTransactions),
        JdbcClient.create(dataSource));
  }

  @Bean(destroyMethod = "")
  Projections projections(
      ProjectionProcessors processors,
      LogReader log,
      SpokenNameSerializer events,
      DataSource dataSource,
      PlatformTransactionManager tableTransactions,
      Clock clock) {
    return new Projections(
        processors,
        new EventsOfAggregate(log::ofAggregate, events)::read,
        JdbcClient.create(dataSource),
        tableTransactions,
        clock);
  }

  @Bean
  Freshness freshness(ProjectionProcessors processors, LogTail tail) {
    return new Freshness(processors, tail::position);
  }

  /** The table shows the times that the application reckons with. */
  @Bean
  DueTimes dueTimes() {
    return (cron, zone, instant, count) ->
        CronTimes.of(cron, zone).after(instant.minusNanos(1), count);
  }

  @Bean
  CommandGateway commandGateway(Configuration axon) {
    return axon.commandGateway();
  }

  @Bean
  WokenEventStore eventStore(PostgresEventStorageEngine engine, LogTail tail) {
    return new WokenEventStore(engine, tail);
  }
}

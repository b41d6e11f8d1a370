package io.agentflow.application.tenant;

import io.agentflow.application.Decided;
import io.agentflow.application.TenantFence;
import io.agentflow.domain.tenant.Tenant;
import io.agentflow.domain.tenant.TenantCommand;
import io.agentflow.domain.tenant.TenantCommand.BindRole;
import io.agentflow.domain.tenant.TenantCommand.IssueKey;
import io.agentflow.domain.tenant.TenantCommand.RevokeKey;
import io.agentflow.domain.tenant.TenantCommand.UnbindRole;
import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.tenant.TenantId;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateRoot;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Axon's side of a tenant: which commands there are. {@link Tenant} decides. It is there as soon as
 * something is said about it.
 */
@AggregateRoot(type = "tenant")
public class TenantAggregate extends TenantFence {

  @AggregateIdentifier private @Nullable String aggregateId;
  private Tenant tenant = Tenant.initial();

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(BindRole command) {
    return decide(command);
  }

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(UnbindRole command) {
    return decide(command);
  }

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(IssueKey command) {
    return decide(command);
  }

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Decided handle(RevokeKey command) {
    return decide(command);
  }

  private Decided decide(TenantCommand command) {
    return Decided.apply(Tenant.decide(command, tenant));
  }

  @EventSourcingHandler
  void on(TenantEvent event, MetaData metadata) {
    ownedBy(metadata);
    aggregateId = new TenantId(event.tenantId()).aggregateId();
    tenant = Tenant.evolve(tenant, event);
  }

  @Override
  protected @Nullable String aggregateId() {
    return aggregateId;
  }
}

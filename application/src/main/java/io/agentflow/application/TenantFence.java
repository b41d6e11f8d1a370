package io.agentflow.application;

import java.util.Objects;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.CommandHandlerInterceptor;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate answers its own tenant alone. To any other it does not exist, whether it was read
 * from the log or found in a cache.
 */
public abstract class TenantFence {

  private @Nullable String tenantId;

  /** The aggregate's id; null before its first event. */
  protected abstract @Nullable String aggregateId();

  /** To be called for each event that is sourced. */
  protected void ownedBy(MetaData metadata) {
    tenantId = (String) metadata.get(WhoAndWhy.TENANT_ID);
  }

  /** And only at the version that the caller has seen, where it names one. */
  @CommandHandlerInterceptor
  Object admitOwnTenantOnly(CommandMessage<?> command, InterceptorChain chain) throws Exception {
    if (tenantId != null
        && !Objects.equals(tenantId, command.getMetaData().get(WhoAndWhy.TENANT_ID))) {
      throw new AggregateNotFoundException(
          String.valueOf(aggregateId()), "not found in this tenant");
    }
    Long version = AggregateLifecycle.getVersion();
    if (command.getMetaData().get(StaleVersion.EXPECTED) instanceof Long expected
        && !expected.equals(version)) {
      throw new StaleVersion(aggregateId(), expected, version);
    }
    return chain.proceed();
  }
}

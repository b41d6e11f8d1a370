package io.agentflow.application;

import java.util.Objects;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MetaData;
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

  @CommandHandlerInterceptor
  Object admitOwnTenantOnly(CommandMessage<?> command, InterceptorChain chain) throws Exception {
    if (tenantId != null
        && !Objects.equals(tenantId, command.getMetaData().get(WhoAndWhy.TENANT_ID))) {
      throw new AggregateNotFoundException(
          String.valueOf(aggregateId()), "not found in this tenant");
    }
    return chain.proceed();
  }
}

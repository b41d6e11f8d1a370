package io.agentflow.application;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.axonframework.messaging.Message;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.correlation.CorrelationDataProvider;

/**
 * Carries who acts and why from a command into each event that it causes: tenant, actor and trace ,
 * and the key of the request, as they came, the command as the cause, and what the command itself
 * belongs to as correlation.
 */
public final class WhoAndWhy implements CorrelationDataProvider {

  public static final String TENANT_ID = "tenantId";
  public static final String ACTOR = "actor";
  public static final String CORRELATION_ID = "correlationId";
  public static final String CAUSATION_ID = "causationId";
  public static final String TRACEPARENT = "traceparent";

  public static final String IDEMPOTENCY_KEY = "idempotencyKey";

  private static final List<String> AS_THEY_CAME =
      List.of(TENANT_ID, ACTOR, TRACEPARENT, IDEMPOTENCY_KEY);

  @Override
  public Map<String, ?> correlationDataFor(Message<?> message) {
    MetaData metadata = message.getMetaData();
    Map<String, Object> data = new HashMap<>(metadata.subset(AS_THEY_CAME.toArray(String[]::new)));
    data.put(CORRELATION_ID, metadata.getOrDefault(CORRELATION_ID, message.getIdentifier()));
    data.put(CAUSATION_ID, message.getIdentifier());
    return data;
  }

  /**
   * The tenant of an event of the log.
   *
   * @throws IllegalArgumentException for a message that has none, hence is not of the log
   */
  public static String tenantOf(Message<?> message) {
    if (message.getMetaData().get(TENANT_ID) instanceof String tenantId) {
      return tenantId;
    }
    throw new IllegalArgumentException("not of the log: " + message.getIdentifier());
  }
}

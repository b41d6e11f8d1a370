package io.agentflow.application.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentflow.application.FirstEvents;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import org.springframework.stereotype.Component;

/**
 * In which part of its tenant a workflow is: its labels say so, which it has from its first event
 * on and which never change. Hence the log is asked once, and knows it as soon as there is one.
 */
@Component
public class WorkflowScopes {

  private static final int WORKFLOWS_MAX = 100_000;

  private final FirstEvents firstEvents;
  private final Cache<Of, Scope> known = Caffeine.newBuilder().maximumSize(WORKFLOWS_MAX).build();

  private record Of(String tenantId, String workflowId) {}

  WorkflowScopes(FirstEvents firstEvents) {
    this.firstEvents = firstEvents;
  }

  /**
   * Where the workflow is; the whole tenant where that has none under this id.
   *
   * @throws io.agentflow.eventstore.LogUnavailable when the log cannot be asked
   */
  public Scope of(String tenantId, String workflowId) {
    Of key = new Of(tenantId, workflowId);
    Scope scope = known.getIfPresent(key);
    if (scope != null) {
      return scope;
    }
    return firstEvents
        .of(tenantId, workflowId)
        .filter(WorkflowCreated.class::isInstance)
        .map(WorkflowCreated.class::cast)
        .map(
            created -> {
              Scope found = Scope.ofLabels(created.labels());
              known.put(key, found);
              return found;
            })
        .orElse(Scope.TENANT);
  }
}

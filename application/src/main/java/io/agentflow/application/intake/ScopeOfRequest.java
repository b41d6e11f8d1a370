package io.agentflow.application.intake;

import io.agentflow.application.access.WorkflowScopes;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.tenant.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerMapping;

/**
 * In which part of its tenant a request stands, hence which roles count for it; here and nowhere
 * else. What is under a workflow stands where the workflow is; what compares two of them stands
 * where each is. A list of workflows or of approvals stands where its filter says, and so do events
 * and messages of one workflow, and a what-if. Whoever describes a new workflow stands where that
 * will be, which its body says. All else stands in the whole tenant.
 */
@Component
class ScopeOfRequest {

  private static final String UNDER_A_WORKFLOW = "/v1/workflows/{workflowId}";
  private static final Set<String> LISTS = Set.of("/v1/workflows", "/v1/approvals");
  private static final String WHAT_IFS = "/v1/what-ifs";
  private static final Set<String> OF_ONE_WORKFLOW = Set.of("/v1/events", "/v1/messages");
  private static final String WORKFLOW_ID = "workflowId";
  private static final String COMPARED = UNDER_A_WORKFLOW + "/diff";
  private static final String COMPARED_WITH = "with";

  private final WorkflowScopes workflows;

  ScopeOfRequest(WorkflowScopes workflows) {
    this.workflows = workflows;
  }

  /**
   * Where the request stands, as far as its address says.
   *
   * @param pattern of its path, as its controller has it
   * @throws InvalidField for a filter that says two things at once
   */
  Scope of(String tenantId, HttpServletRequest request, String pattern) {
    if (pattern.equals(UNDER_A_WORKFLOW) || pattern.startsWith(UNDER_A_WORKFLOW + "/")) {
      return workflows.of(tenantId, inPath(request));
    }
    if (LISTS.contains(pattern) || pattern.startsWith(WHAT_IFS)) {
      String project = asked(request, Scope.PROJECT);
      return project == null ? Scope.TENANT : new Scope(project, asked(request, Scope.ENVIRONMENT));
    }
    if (OF_ONE_WORKFLOW.contains(pattern)) {
      String workflowId = asked(request, WORKFLOW_ID);
      return workflowId == null ? Scope.TENANT : workflows.of(tenantId, workflowId);
    }
    return Scope.TENANT;
  }

  /** Where the other workflow is that the request reads besides; null where it reads none. */
  @Nullable Scope ofOther(String tenantId, HttpServletRequest request, String pattern) {
    String workflowId = pattern.equals(COMPARED) ? asked(request, COMPARED_WITH) : null;
    return workflowId == null ? null : workflows.of(tenantId, workflowId);
  }

  private static String inPath(HttpServletRequest request) {
    return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
            instanceof Map<?, ?> variables
        ? String.valueOf(variables.get(WORKFLOW_ID))
        : "";
  }

  /** What is looked at here has to be what the list looks at. */
  private static @Nullable String asked(HttpServletRequest request, String parameter) {
    String[] values = request.getParameterValues(parameter);
    if (values == null) {
      return null;
    }
    if (values.length > 1) {
      throw new InvalidField(parameter, "must be named once");
    }
    return values[0];
  }
}

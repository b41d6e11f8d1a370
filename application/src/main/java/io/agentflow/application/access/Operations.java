package io.agentflow.application.access;

import static io.agentflow.application.access.Permission.APPROVE_PLANS;
import static io.agentflow.application.access.Permission.CONTROL_WORKFLOWS;
import static io.agentflow.application.access.Permission.EXECUTE_WORKFLOWS;
import static io.agentflow.application.access.Permission.EXPORT_AUDIT;
import static io.agentflow.application.access.Permission.MANAGE_ACCESS;
import static io.agentflow.application.access.Permission.MANAGE_AGENTS;
import static io.agentflow.application.access.Permission.MANAGE_BUDGETS;
import static io.agentflow.application.access.Permission.MANAGE_SCHEDULES;
import static io.agentflow.application.access.Permission.OPERATE_BRIDGE;
import static io.agentflow.application.access.Permission.OPERATE_MIRROR;
import static io.agentflow.application.access.Permission.OPERATE_PROJECTIONS;
import static io.agentflow.application.access.Permission.PROPOSE_PLANS;
import static io.agentflow.application.access.Permission.READ_ACCESS;
import static io.agentflow.application.access.Permission.READ_AGENTS;
import static io.agentflow.application.access.Permission.READ_APPROVALS;
import static io.agentflow.application.access.Permission.READ_AUDIT;
import static io.agentflow.application.access.Permission.READ_BUDGETS;
import static io.agentflow.application.access.Permission.READ_EVENTS;
import static io.agentflow.application.access.Permission.READ_SCHEDULES;
import static io.agentflow.application.access.Permission.READ_SELF;
import static io.agentflow.application.access.Permission.READ_STATUS;
import static io.agentflow.application.access.Permission.READ_WORKFLOWS;
import static io.agentflow.application.access.Permission.RECORD_WORK;
import static io.agentflow.application.access.Permission.SPEND_BUDGETS;
import static io.agentflow.application.access.Permission.SUSPEND_AGENTS;
import static io.agentflow.application.access.Permission.TRIGGER_SCHEDULES;
import static io.agentflow.application.access.Permission.WORK_STEPS;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which permission each operation needs: one table, in the order of the API. An operation that is
 * not in it is refused to everyone, unless its path is open; a test holds it against the
 * controllers.
 */
public final class Operations {

  /** What is answered without a token, as patterns of paths. */
  public static final List<String> OPEN_PATHS =
      List.of("/v1/health", "/v1/openapi.json", "/docs", "/docs/*", "/problems/*");

  private static final Map<String, Permission> NEEDED = new LinkedHashMap<>();

  static {
    needs(EXECUTE_WORKFLOWS, "POST /v1/workflows");
    needs(EXECUTE_WORKFLOWS, "POST /v1/workflows/launch");
    needs(READ_WORKFLOWS, "GET /v1/workflows");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/history");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/state");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/diff");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/export");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/steps");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/plan");
    needs(READ_WORKFLOWS, "GET /v1/workflows/{workflowId}/messages");
    needs(READ_WORKFLOWS, "GET /v1/messages");
    needs(READ_WORKFLOWS, "GET /v1/tools");
    needs(PROPOSE_PLANS, "POST /v1/workflows/{workflowId}/plan");
    needs(EXECUTE_WORKFLOWS, "POST /v1/workflows/{workflowId}/start");
    needs(EXECUTE_WORKFLOWS, "POST /v1/workflows/{workflowId}/restart");
    needs(EXECUTE_WORKFLOWS, "POST /v1/workflows/{workflowId}/complete");
    needs(EXECUTE_WORKFLOWS, "POST /v1/workflows/{workflowId}/fail");
    needs(CONTROL_WORKFLOWS, "POST /v1/workflows/{workflowId}/pause");
    needs(CONTROL_WORKFLOWS, "POST /v1/workflows/{workflowId}/resume");
    needs(CONTROL_WORKFLOWS, "POST /v1/workflows/{workflowId}/cancel");
    needs(CONTROL_WORKFLOWS, "POST /v1/workflows/{workflowId}/signals");
    needs(RECORD_WORK, "POST /v1/workflows/{workflowId}/messages");
    needs(RECORD_WORK, "POST /v1/workflows/{workflowId}/tool-calls");
    needs(RECORD_WORK, "POST /v1/workflows/{workflowId}/tool-results");
    needs(WORK_STEPS, "POST /v1/workflows/{workflowId}/steps/{stepId}/complete");
    needs(WORK_STEPS, "POST /v1/workflows/{workflowId}/steps/{stepId}/fail");
    needs(WORK_STEPS, "POST /v1/workflows/{workflowId}/steps/{stepId}/give-back");
    needs(WORK_STEPS, "POST /v1/workflows/{workflowId}/steps/{stepId}/progress");
    needs(WORK_STEPS, "POST /v1/workflows/{workflowId}/steps/{stepId}/heartbeat");
    needs(CONTROL_WORKFLOWS, "POST /v1/workflows/{workflowId}/steps/{stepId}/retry");
    needs(READ_WORKFLOWS, "POST /v1/what-ifs");
    needs(READ_WORKFLOWS, "GET /v1/what-ifs/{whatIfId}");
    needs(READ_WORKFLOWS, "GET /v1/what-ifs/{whatIfId}/result");
    needs(READ_WORKFLOWS, "POST /v1/what-ifs/{whatIfId}/cancel");
    needs(READ_APPROVALS, "GET /v1/approvals");
    needs(READ_APPROVALS, "GET /v1/workflows/{workflowId}/approvals");
    needs(APPROVE_PLANS, "POST /v1/workflows/{workflowId}/approvals/{approvalId}/grant");
    needs(APPROVE_PLANS, "POST /v1/workflows/{workflowId}/approvals/{approvalId}/deny");
    needs(APPROVE_PLANS, "POST /v1/workflows/{workflowId}/approvals/{approvalId}/delegate");
    needs(READ_AGENTS, "GET /v1/agents");
    needs(READ_AGENTS, "GET /v1/agents/{agentId}");
    needs(MANAGE_AGENTS, "POST /v1/agents");
    needs(MANAGE_AGENTS, "POST /v1/agents/{agentId}/capabilities");
    needs(MANAGE_AGENTS, "POST /v1/agents/{agentId}/retire");
    needs(SUSPEND_AGENTS, "POST /v1/agents/{agentId}/suspend");
    needs(SUSPEND_AGENTS, "POST /v1/agents/{agentId}/activate");
    needs(WORK_STEPS, "POST /v1/agents/{agentId}/leases");
    needs(WORK_STEPS, "POST /v1/agents/{agentId}/leases/end-waits");
    needs(WORK_STEPS, "POST /v1/agents/{agentId}/answers");
    needs(READ_BUDGETS, "GET /v1/budgets");
    needs(READ_BUDGETS, "GET /v1/budgets/{budgetId}");
    needs(MANAGE_BUDGETS, "POST /v1/budgets");
    needs(MANAGE_BUDGETS, "POST /v1/budgets/{budgetId}/limit");
    needs(MANAGE_BUDGETS, "POST /v1/budgets/{budgetId}/close");
    needs(MANAGE_BUDGETS, "POST /v1/budgets/{budgetId}/allocations");
    needs(SPEND_BUDGETS, "POST /v1/budgets/{budgetId}/reservations");
    needs(SPEND_BUDGETS, "POST /v1/budgets/{budgetId}/reservations/{reservationId}/settle");
    needs(SPEND_BUDGETS, "POST /v1/budgets/{budgetId}/reservations/{reservationId}/release");
    needs(READ_SCHEDULES, "GET /v1/schedules");
    needs(READ_SCHEDULES, "GET /v1/schedules/{scheduleId}");
    needs(MANAGE_SCHEDULES, "POST /v1/schedules");
    needs(MANAGE_SCHEDULES, "POST /v1/schedules/{scheduleId}/pause");
    needs(MANAGE_SCHEDULES, "POST /v1/schedules/{scheduleId}/resume");
    needs(MANAGE_SCHEDULES, "POST /v1/schedules/{scheduleId}/delete");
    needs(TRIGGER_SCHEDULES, "POST /v1/schedules/{scheduleId}/trigger");
    needs(READ_EVENTS, "GET /v1/events");
    needs(READ_AUDIT, "GET /v1/audit/verification");
    needs(EXPORT_AUDIT, "GET /v1/audit/export");
    needs(OPERATE_BRIDGE, "POST /v1/replays");
    needs(READ_WORKFLOWS, "GET /v1/replays");
    needs(READ_WORKFLOWS, "GET /v1/replays/{replayId}");
    needs(OPERATE_BRIDGE, "POST /v1/replays/{replayId}/pause");
    needs(OPERATE_BRIDGE, "POST /v1/replays/{replayId}/resume");
    needs(OPERATE_BRIDGE, "POST /v1/replays/{replayId}/cancel");
    needs(READ_STATUS, "GET /v1/status");
    needs(READ_STATUS, "GET /v1/metrics");
    needs(READ_STATUS, "GET /v1/projections");
    needs(READ_STATUS, "GET /v1/projections/{projection}");
    needs(OPERATE_PROJECTIONS, "POST /v1/projections/{projection}/rebuild");
    needs(OPERATE_PROJECTIONS, "GET /v1/projections/{projection}/diff");
    needs(OPERATE_PROJECTIONS, "POST /v1/projections/{projection}/switch");
    needs(OPERATE_PROJECTIONS, "POST /v1/projections/{projection}/rollback");
    needs(OPERATE_PROJECTIONS, "POST /v1/projections/{projection}/discard");
    needs(OPERATE_PROJECTIONS, "GET /v1/projections/{projection}/dead-letters");
    needs(
        OPERATE_PROJECTIONS, "POST /v1/projections/{projection}/dead-letters/{aggregateId}/retry");
    needs(OPERATE_PROJECTIONS, "POST /v1/projections/{projection}/dead-letters/{aggregateId}/drop");
    needs(READ_STATUS, "GET /v1/bridge");
    needs(OPERATE_MIRROR, "GET /v1/bridge/verification");
    needs(OPERATE_MIRROR, "POST /v1/bridge/repairs");
    needs(OPERATE_MIRROR, "GET /v1/bridge/repairs/{repairId}");
    needs(READ_SELF, "GET /v1/access/me");
    needs(READ_ACCESS, "GET /v1/access/bindings");
    needs(MANAGE_ACCESS, "POST /v1/access/bindings");
    needs(MANAGE_ACCESS, "POST /v1/access/bindings/{bindingId}/remove");
    needs(READ_ACCESS, "GET /v1/access/keys");
    needs(MANAGE_ACCESS, "POST /v1/access/keys");
    needs(MANAGE_ACCESS, "POST /v1/access/keys/{keyId}/revoke");
  }

  private Operations() {}

  private static void needs(Permission permission, String operation) {
    NEEDED.put(operation, permission);
  }

  /**
   * What an operation needs; empty where nobody said so.
   *
   * @param pattern as its controller has it, with the names of variables
   */
  public static Optional<Permission> needed(String method, String pattern) {
    // Spring answers HEAD by what answers GET.
    return Optional.ofNullable(
        NEEDED.get((method.equals("HEAD") ? "GET" : method) + " " + pattern));
  }

  /** The whole table: method and path, and what it needs. */
  public static Map<String, Permission> all() {
    return Collections.unmodifiableMap(NEEDED);
  }
}

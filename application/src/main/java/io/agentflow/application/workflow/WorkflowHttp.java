package io.agentflow.application.workflow;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.budget.BudgetId;
import io.agentflow.domain.workflow.Role;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolCall;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolResult;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowId;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** A workflow's commands over HTTP. */
@RestController
@RequestMapping("/v1/workflows")
class WorkflowHttp {

  private final Commands commands;

  WorkflowHttp(Commands commands) {
    this.commands = commands;
  }

  record CreateRequest(
      @Nullable String workflowId,
      String name,
      String intent,
      @Nullable String agentId,
      @Nullable String budgetId,
      @Nullable Map<String, String> labels) {}

  record MessageRequest(
      String messageId,
      String role,
      String from,
      String to,
      String content,
      long tokens,
      long microDollars) {}

  record ToolCallRequest(
      String callId,
      String agentId,
      String tool,
      String arguments,
      long tokens,
      long microDollars) {}

  record ToolResultRequest(String callId, String result, long tokens, long microDollars) {}

  record CompleteRequest(String result) {}

  record FailRequest(String reason) {}
}

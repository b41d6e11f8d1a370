package io.agentflow.application.replay;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.port.HistoryReplay;
import io.agentflow.domain.workflow.WorkflowId;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /v1/replays}: publish a workflow's history again, under a subject of its own. */
@RestController
@RequestMapping("/v1/replays")
class ReplayHttp {

  private final HistoryReplay historyReplay;

  ReplayHttp(HistoryReplay historyReplay) {
    this.historyReplay = historyReplay;
  }

  record ReplayRequest(@Nullable String replayId, String workflowId) {}

  /** Publishes a workflow's history on NATS again, under a subject of its own. */
  @PostMapping
  Replayed replayWorkflow(@RequestAttribute Caller caller, @RequestBody ReplayRequest request) {
    String workflowId = new WorkflowId(request.workflowId()).value();
    return historyReplay
        .replay(caller.tenantId(), workflowId, Commands.idOr(request.replayId()))
        .orElseThrow(() -> new NotInTenant("workflow", workflowId));
  }
}

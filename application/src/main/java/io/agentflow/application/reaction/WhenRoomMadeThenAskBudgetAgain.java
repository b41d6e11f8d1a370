package io.agentflow.application.reaction;

import io.agentflow.domain.budget.BudgetEvent.RoomMade;
import io.agentflow.domain.budget.StepReservation;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain;
import io.agentflow.domain.workflow.RunCommand.AskBudgetAgain.Refused;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Workflows that waited for a budget go on when it has room for them again. */
final class WhenRoomMadeThenAskBudgetAgain implements Reaction {

  @Override
  public List<Asked> on(Object event, Instant at) {
    if (!(event instanceof RoomMade room)) {
      return List.of();
    }
    Map<String, List<Refused>> byWorkflow = new LinkedHashMap<>();
    for (String reservationId : room.reservationIds()) {
      StepReservation.of(reservationId)
          .ifPresent(
              step ->
                  byWorkflow
                      .computeIfAbsent(step.workflowId(), first -> new ArrayList<>())
                      .add(new Refused(step.stepId(), step.attempt())));
    }
    return byWorkflow.entrySet().stream()
        .map(
            waiting ->
                new Asked(
                    waiting.getKey(),
                    waiting.getKey(),
                    new AskBudgetAgain(
                        new WorkflowId(waiting.getKey()), room.budgetId(), waiting.getValue(), at)))
        .toList();
  }
}

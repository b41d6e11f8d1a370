package io.agentflow.domain.whatif;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.planning.Plan;
import io.agentflow.domain.planning.PlanStep;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How risky steps are, whatever who planned them said, and which tools are not called at all. Of a
 * tool's risk and a kind's the tool's counts.
 *
 * @param toolRisks by the name of the tool that a step calls
 * @param kindRisks by the kind of step: of agents or of tools
 * @param deniedTools neither steps nor agents may call them
 */
public record Policy(
    Map<String, Risk> toolRisks, Map<StepKind, Risk> kindRisks, Set<String> deniedTools) {

  /** Steps are as risky as their plan says, and all tools may be called. */
  public static final Policy NONE = new Policy(Map.of(), Map.of(), Set.of());

  /** Most tools that it names in each of its parts. */
  public static final int TOOLS_MAX = 1_000;

  public Policy {
    checkTools("policy.toolRisks", toolRisks.keySet());
    checkTools("policy.deniedTools", deniedTools);
    for (StepKind kind : kindRisks.keySet()) {
      if (kind != StepKind.AGENT && kind != StepKind.TOOL) {
        throw new InvalidField(
            "policy.kindRisks", "must be of agent or tool: nobody asks of others");
      }
    }
    toolRisks = Map.copyOf(toolRisks);
    kindRisks = Map.copyOf(kindRisks);
    deniedTools = Set.copyOf(deniedTools);
  }

  private static void checkTools(String field, Set<String> tools) {
    if (tools.size() > TOOLS_MAX) {
      throw new InvalidField(
          field, "must name at most %d tools, not %d".formatted(TOOLS_MAX, tools.size()));
    }
    tools.forEach(tool -> Checks.name(field, tool));
  }

  boolean denies(@Nullable String tool) {
    return tool != null && deniedTools.contains(tool);
  }

  /** The same plan with these risks. */
  Plan judged(Plan plan) {
    if (toolRisks.isEmpty() && kindRisks.isEmpty()) {
      return plan;
    }
    List<PlanStep> steps =
        plan.steps().stream()
            .map(step -> step.isWork() ? step.withRisk(risk(step)) : step)
            .toList();
    return new Plan(steps);
  }

  private Risk risk(PlanStep step) {
    Risk ofTool = step.tool() == null ? null : toolRisks.get(step.tool());
    return ofTool != null ? ofTool : kindRisks.getOrDefault(step.kind(), step.risk());
  }
}

package io.agentflow.application.work;

import io.agentflow.domain.Spend;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.PlanFacts.AgentFacts;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Which agents there are to carry plans out, and how far they may act alone. */
@Component
public class Workers {

  private final WorkLoop loop;
  private final WorkSettings settings;

  Workers(WorkLoop loop, WorkSettings settings) {
    this.loop = loop;
    this.settings = settings;
  }

  /**
   * What a plan is judged by: what each agent in service can do, as the log has it now.
   *
   * @param remaining what its budget has left; null where it has none
   */
  public PlanFacts planFacts(String tenantId, @Nullable Spend remaining)
      throws InterruptedException {
    loop.awaitEnd();
    Map<String, AgentFacts> agents = new HashMap<>();
    loop.work()
        .abilities(tenantId)
        .forEach(
            (agentId, can) -> agents.put(agentId, new AgentFacts(can.capabilities(), can.tools())));
    return new PlanFacts(agents, remaining, settings.autonomyFloor());
  }

  /** What a plan is judged by that was judged before: only what the server grants now. */
  public PlanFacts planFactsOfOld() {
    return PlanFacts.grantingAtMost(settings.autonomyFloor());
  }
}

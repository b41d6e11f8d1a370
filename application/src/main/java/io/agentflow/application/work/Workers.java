package io.agentflow.application.work;

import io.agentflow.domain.agent.Abilities;
import java.time.Duration;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Which agents there are to carry plans out. */
@Component
public class Workers {

  private static final Duration CATCH_UP_MAX = Duration.ofSeconds(2);

  private final WorkLoop loop;

  Workers(WorkLoop loop) {
    this.loop = loop;
  }

  /** What each agent in service can do, by its id, as the log has it now. */
  public Map<String, Abilities> abilities(String tenantId) throws InterruptedException {
    loop.awaitEnd(CATCH_UP_MAX);
    return loop.work().abilities(tenantId);
  }
}

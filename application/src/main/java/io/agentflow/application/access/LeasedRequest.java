package io.agentflow.application.access;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body by which a worker speaks of steps that it holds. It is what an agent's own token may send
 * besides what goes to the agent's own path: where each lease named is the agent's.
 */
public interface LeasedRequest {

  /** The leases by which it speaks; a null stands for one that it ought to have. */
  List<@Nullable String> leaseTokens();

  /** A body that speaks by one lease. */
  interface OfOne extends LeasedRequest {

    @Nullable String leaseToken();

    @Override
    default List<@Nullable String> leaseTokens() {
      return Collections.singletonList(leaseToken());
    }
  }

  /** The agent that it names beside; null where it names none. */
  default @Nullable String agentId() {
    return null;
  }
}

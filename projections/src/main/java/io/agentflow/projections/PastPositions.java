package io.agentflow.projections;

import java.time.Instant;

/** Where in the log points of the past are. */
public interface PastPositions {

  /** Of the last entry, whichever tenant's it is; 0 when there is none. */
  long head();

  /** Of the tenant's last entry that occurred at this time or before it; 0 when there is none. */
  long at(String tenantId, Instant time);
}

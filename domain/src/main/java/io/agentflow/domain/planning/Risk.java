package io.agentflow.domain.planning;

/** How much a step can break, as who planned it judged; in rising order. */
public enum Risk {
  LOW,
  MEDIUM,
  HIGH,
  CRITICAL
}

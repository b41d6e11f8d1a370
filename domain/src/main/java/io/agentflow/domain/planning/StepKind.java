package io.agentflow.domain.planning;

/** Who or what carries a step out. */
public enum StepKind {
  /** An agent, by its capabilities. */
  AGENT,
  /** A worker that calls a tool. */
  TOOL,
  /** People, who approve or deny. */
  APPROVAL,
  /** Nobody: time passes, or a signal arrives. */
  WAIT
}

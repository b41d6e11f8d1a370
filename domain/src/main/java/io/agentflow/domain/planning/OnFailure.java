package io.agentflow.domain.planning;

/** What becomes of a workflow when a step has failed for good. */
public enum OnFailure {
  /** The workflow fails; what was done stays done. */
  FAIL,
  /** The steps that need it go on without its result. */
  SKIP,
  /** What was done is undone in reverse order, and the workflow fails. */
  COMPENSATE
}

package io.agentflow.domain;

/** Why a decider refused a command. */
public interface Rejection {

  /** What was wrong, and what would be right, in one sentence for the caller. */
  String sentence();
}

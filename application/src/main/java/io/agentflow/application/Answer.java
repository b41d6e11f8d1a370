package io.agentflow.application;

/** What a shell answers to a command: that it was decided, and where it has more to say, that. */
public interface Answer {

  Decided decided();
}

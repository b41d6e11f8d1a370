package io.agentflow.application.work;

/** What one of all nodes does every ten minutes. It may be done twice, or once not at all. */
public interface Chore {

  void run();
}

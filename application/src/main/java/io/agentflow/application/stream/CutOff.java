package io.agentflow.application.stream;

/**
 * Closes a request's connection at once, whatever its client has not taken yet. The web server puts
 * it among the request's attributes; it may be run from any thread while the request is open.
 */
@FunctionalInterface
public interface CutOff {

  String ATTRIBUTE = "io.agentflow.cut-off";

  void run();
}

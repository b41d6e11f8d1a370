package io.agentflow.cli;

import java.net.URI;
import java.nio.file.Path;

/** Starts a server that outlives this command. */
public interface ServerLauncher {

  /**
   * Starts it and returns once it answers.
   *
   * @param log where its output goes
   * @throws IllegalStateException when it ends or does not answer in time
   */
  URI launchDetached(Path log);
}

package io.agentflow.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who asks for something. */
public final class PersonOption {

  @Option(
      names = "--as",
      paramLabel = "PERSON",
      description = "Who you are. Default: AF_ACTOR, else the name you are logged in with.")
  private @Nullable String name;

  String name() {
    if (name != null) {
      return name;
    }
    String actor = System.getenv("AF_ACTOR");
    return actor == null || actor.isBlank() ? System.getProperty("user.name") : actor;
  }
}

package io.agentflow.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who asks for something. */
public final class PersonOption {

  @Option(
      names = "--as",
      paramLabel = "PERSON",
      description =
          "Who you are. Default: AF_ACTOR, else the name you are logged in with."
              + " AF_TOKEN has its own.")
  private @Nullable String name;

  String name() {
    return nameOr(name);
  }

  /** Who it is, where it was said; else who runs this. */
  static String nameOr(@Nullable String named) {
    if (named != null) {
      return named;
    }
    String actor = System.getenv("AF_ACTOR");
    return actor == null || actor.isBlank() ? System.getProperty("user.name") : actor;
  }
}

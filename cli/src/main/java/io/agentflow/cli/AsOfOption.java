package io.agentflow.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As of which point of the past tables are asked. */
public final class AsOfOption {

  @Option(
      names = "--as-of",
      paramLabel = "POSITION|TIME",
      description = "As it was at this position of the log, or this time. Default: now.")
  private @Nullable String asOf;

  /** As the API takes it; null for now. */
  @Nullable String value() {
    return asOf;
  }
}

package io.agentflow.domain.schedule;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What becomes of a firing while workflows of earlier ones still run. */
public enum Overlap {
  /** It is skipped: at most one runs. */
  SKIP,
  /** It waits for its turn, behind those that wait already: at most one runs. */
  QUEUE,
  /** It starts beside them: at most {@value #RUNS_MAX} run. */
  ALLOW;

  /** Most workflows of one schedule that run at once. */
  public static final int RUNS_MAX = 100;

  /** Most firings of one schedule that wait. */
  public static final int QUEUE_MAX = 100;

  /** How many wait where a schedule does not say. */
  public static final int QUEUE_DEFAULT = 1;

  /** The word that events and the API use: {@code skip}, {@code queue}, {@code allow}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The policy that the word means.
   *
   * @throws InvalidField when it means none
   */
  public static Overlap of(@Nullable String word) {
    String present = Checks.present("overlap", word);
    return Arrays.stream(values())
        .filter(overlap -> overlap.word().equals(present))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidField(
                    "overlap",
                    "must be one of "
                        + Arrays.stream(values())
                            .map(Overlap::word)
                            .collect(Collectors.joining(", "))
                        + ", not \""
                        + present
                        + "\""));
  }

  int runsMax() {
    return this == ALLOW ? RUNS_MAX : 1;
  }
}

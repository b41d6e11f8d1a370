package io.agentflow.domain.workflow;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whose voice a message has, in the words of the chat formats. */
public enum Role {
  SYSTEM,
  USER,
  ASSISTANT,
  TOOL;

  /** The word that events and the API use: {@code system}, {@code user}, … */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The role that the word means.
   *
   * @throws InvalidField when it means none
   */
  public static Role of(@Nullable String word) {
    String present = Checks.present("role", word);
    return Arrays.stream(values())
        .filter(role -> role.word().equals(present))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidField(
                    "role",
                    "must be one of "
                        + Arrays.stream(values()).map(Role::word).collect(Collectors.joining(", "))
                        + ", not \""
                        + present
                        + "\""));
  }
}

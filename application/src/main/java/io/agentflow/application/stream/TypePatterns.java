package io.agentflow.application.stream;

import io.agentflow.application.Upcasters;
import io.agentflow.domain.EventName;
import io.agentflow.domain.EventNames;
import io.agentflow.domain.InvalidField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Event types as a client names them: {@code workflow.completed,budget.*}. */
public final class TypePatterns {

  private static final List<String> KNOWN =
      Stream.concat(
              EventNames.byClass().values().stream().map(EventName::value),
              Upcasters.all().stream().map(upcaster -> upcaster.from().name()))
          .distinct()
          .sorted()
          .toList();

  private static final int NEAR_MAX = 3;

  /** No pattern is longer than all names together, some 2,000 letters. */
  private static final int LENGTH_MAX = 4_000;

  private TypePatterns() {}

  /**
   * The types that are meant.
   *
   * @param patterns spoken names with commas between; a {@code *} at the end of one stands for
   *     whatever follows
   * @throws InvalidField naming what is near where no type is meant
   */
  public static Set<String> read(String patterns) {
    if (patterns.isBlank() || patterns.length() > LENGTH_MAX) {
      throw new InvalidField("types", "must have 1 to %d characters".formatted(LENGTH_MAX));
    }
    Set<String> meant = new HashSet<>();
    for (String pattern : patterns.split(",", -1)) {
      List<String> found = KNOWN.stream().filter(name -> matches(pattern.strip(), name)).toList();
      if (found.isEmpty()) {
        throw new InvalidField(
            "types",
            "has \"%s\", which is no event type; near are %s"
                .formatted(pattern.strip(), String.join(", ", near(pattern.strip()))));
      }
      meant.addAll(found);
    }
    return Set.copyOf(meant);
  }

  private static boolean matches(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  private static List<String> near(String pattern) {
    return KNOWN.stream()
        .sorted(Comparator.comparingInt(name -> editsBetween(pattern, name)))
        .limit(NEAR_MAX)
        .toList();
  }

  /** How many letters have to be put in, taken out or changed (Levenshtein's distance). */
  private static int editsBetween(String left, String right) {
    List<Integer> row = new ArrayList<>();
    for (int j = 0; j <= right.length(); j++) {
      row.add(j);
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row.getFirst();
      row.set(0, i);
      for (int j = 1; j <= right.length(); j++) {
        int changed = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row.get(j);
        row.set(j, Math.min(changed, 1 + Math.min(diagonal, row.get(j - 1))));
      }
    }
    return row.getLast();
  }
}

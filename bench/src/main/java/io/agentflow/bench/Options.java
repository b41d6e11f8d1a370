package io.agentflow.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much is to be measured, where a benchmark lets that be said.
 *
 * @param named numbers above 0 by their names, without the dashes
 */
record Options(Map<String, Integer> named) {

  private static final Set<String> KNOWN = Set.of("messages", "concurrency", "payload");

  /**
   * Takes options with their numbers out of a command line.
   *
   * @throws IllegalArgumentException when one is not known, or has no number
   */
  static Options takenFrom(List<String> arguments) {
    Map<String, Integer> named = new LinkedHashMap<>();
    while (arguments.stream().anyMatch(argument -> argument.startsWith("--"))) {
      int at = firstOption(arguments);
      String name = arguments.remove(at).substring(2);
      if (!KNOWN.contains(name) || at == arguments.size()) {
        throw new IllegalArgumentException("--%s; there are %s NUMBER".formatted(name, KNOWN));
      }
      named.put(name, positive(name, arguments.remove(at)));
    }
    return new Options(named);
  }

  private static int firstOption(List<String> arguments) {
    int at = 0;
    while (!arguments.get(at).startsWith("--")) {
      at++;
    }
    return at;
  }

  private static int positive(String name, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--%s wants a number, not %s".formatted(name, value), e);
    }
    throw new IllegalArgumentException("--%s wants a number above 0".formatted(name));
  }

  int of(String name, int absent) {
    return named.getOrDefault(name, absent);
  }

  /** As they were said. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    named.forEach((name, number) -> arguments.addAll(List.of("--" + name, number.toString())));
    return arguments;
  }
}

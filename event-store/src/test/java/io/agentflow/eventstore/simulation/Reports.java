package io.agentflow.eventstore.simulation;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The driver's own record: what the nodes sent, and what they were told became of it. */
final class Reports {

  private final Map<String, List<SentEvent>> sent = new LinkedHashMap<>();
  private final Map<String, Outcome> outcomes = new HashMap<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger settled = new AtomicInteger();

  /** Takes one line of a node, word by word. */
  synchronized void take(NodeProcess node, List<String> words) {
    String unit = words.get(1);
    switch (words.getFirst()) {
      case "sent" -> sent.put(unit, words.stream().skip(2).map(SentEvent::parse).toList());
      case "failed" -> failures.add(node.name() + ": " + String.join(" ", words));
      default -> {
        outcomes.put(unit, Outcome.valueOf(words.getFirst()));
        settled.incrementAndGet();
      }
    }
  }

  /** How many units have come to their end so far. */
  int settled() {
    return settled.get();
  }

  /** What no node should have met, whatever breaks around it. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** All that was sent, by unit. */
  synchronized Map<String, List<SentEvent>> sent() {
    return new LinkedHashMap<>(sent);
  }

  /** What became of the units; of those in flight when their node was killed, nothing is known. */
  synchronized Map<String, Outcome> outcomes() {
    return new HashMap<>(outcomes);
  }

  synchronized Map<Outcome, Long> countByOutcome() {
    return outcomes.values().stream()
        .collect(Collectors.groupingBy(outcome -> outcome, Collectors.counting()));
  }
}

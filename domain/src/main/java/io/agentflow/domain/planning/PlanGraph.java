package io.agentflow.domain.planning;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The steps of a plan by what they need: which needs lead nowhere or in a circle, and which steps
 * can never become ready because of that. In time linear in steps and needs, but for the naming of
 * at most {@value #CYCLES_NAMED_MAX} cycles.
 */
final class PlanGraph {

  /** So many cycles are named; in a tangle there are more than anyone can read. */
  static final int CYCLES_NAMED_MAX = 20;

  private final List<PlanStep> steps;
  private final Map<String, Integer> byId = new HashMap<>();

  /** By step: the places of the steps that it needs, each once. */
  private final List<List<Integer>> needs = new ArrayList<>();

  private final List<List<String>> faults = new ArrayList<>();

  /** By step: whether a fault that is named keeps it from ever becoming ready. */
  private final boolean[] explained;

  PlanGraph(Plan plan) {
    steps = plan.steps();
    explained = new boolean[steps.size()];
    for (int i = 0; i < steps.size(); i++) {
      byId.putIfAbsent(steps.get(i).stepId(), i);
    }
    for (int i = 0; i < steps.size(); i++) {
      faults.add(new ArrayList<>());
      needs.add(List.copyOf(resolved(i)));
    }
    nameCycles();
    nameUnreachable();
  }

  /** What is wrong with a step's needs, in sentences that begin behind the field's name. */
  List<String> faultsOf(int step) {
    return faults.get(step);
  }

  private Set<Integer> resolved(int step) {
    Set<Integer> resolved = new LinkedHashSet<>();
    Set<String> seen = new LinkedHashSet<>();
    Set<String> doubled = new LinkedHashSet<>();
    for (String need : steps.get(step).needs()) {
      Integer needed = byId.get(need);
      if (!seen.add(need)) {
        doubled.add(need);
      } else if (need.equals(steps.get(step).stepId())) {
        lead(step, "must not name the step itself: " + need);
      } else if (needed == null) {
        lead(step, "must be steps of the plan, which %s is not".formatted(need));
      } else {
        resolved.add(needed);
      }
    }
    doubled.forEach(
        need -> faults.get(step).add("must name each step once, not %s again".formatted(need)));
    return resolved;
  }

  private void lead(int step, String nowhere) {
    faults.get(step).add(nowhere);
    explained[step] = true;
  }

  /**
   * Searches in depth, without recursion: a plan may be one long chain. A need of a step that the
   * search is still within closes a cycle, and no other need closes the same one.
   */
  private void nameCycles() {
    int[] nextNeed = new int[steps.size()];
    boolean[] begun = new boolean[steps.size()];
    boolean[] within = new boolean[steps.size()];
    List<Integer> path = new ArrayList<>();
    int named = 0;
    for (int start = 0; start < steps.size() && named < CYCLES_NAMED_MAX; start++) {
      if (begun[start]) {
        continue;
      }
      enter(start, begun, within, path);
      while (!path.isEmpty() && named < CYCLES_NAMED_MAX) {
        int step = path.getLast();
        if (nextNeed[step] == needs.get(step).size()) {
          within[step] = false;
          path.removeLast();
          continue;
        }
        int needed = needs.get(step).get(nextNeed[step]++);
        if (within[needed]) {
          nameCycle(path.subList(path.indexOf(needed), path.size()));
          named++;
        } else if (!begun[needed]) {
          enter(needed, begun, within, path);
        }
      }
    }
  }

  private static void enter(int step, boolean[] begun, boolean[] within, List<Integer> path) {
    begun[step] = true;
    within[step] = true;
    path.add(step);
  }

  /** The cycle is told once, at that of its steps which the plan has first. */
  private void nameCycle(List<Integer> cycle) {
    int first = cycle.stream().min(Integer::compare).orElseThrow();
    int turn = cycle.indexOf(first);
    String told =
        Stream.of(cycle.subList(turn, cycle.size()), cycle.subList(0, turn), List.of(first))
            .flatMap(List::stream)
            .map(step -> steps.get(step).stepId())
            .collect(Collectors.joining(" needs "));
    faults.get(first).add("must not go in a circle: " + told);
    cycle.forEach(step -> explained[step] = true);
  }

  private void nameUnreachable() {
    boolean[] becomesReady = becomingReady();
    for (int i = 0; i < steps.size(); i++) {
      if (!becomesReady[i] && !explained[i]) {
        needs.get(i).stream()
            .filter(need -> !becomesReady[need])
            .findFirst()
            .map(need -> "can never all be done: %s cannot".formatted(steps.get(need).stepId()))
            .ifPresent(faults.get(i)::add);
      }
    }
  }

  private boolean[] becomingReady() {
    List<List<Integer>> neededBy = new ArrayList<>();
    steps.forEach(step -> neededBy.add(new ArrayList<>()));
    int[] open = new int[steps.size()];
    Deque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < steps.size(); i++) {
      for (int need : needs.get(i)) {
        neededBy.get(need).add(i);
      }
      open[i] = Set.copyOf(steps.get(i).needs()).size();
      if (open[i] == 0) {
        ready.add(i);
      }
    }
    boolean[] becomesReady = new boolean[steps.size()];
    while (!ready.isEmpty()) {
      int step = ready.remove();
      becomesReady[step] = true;
      for (int dependent : neededBy.get(step)) {
        if (--open[dependent] == 0) {
          ready.add(dependent);
        }
      }
    }
    return becomesReady;
  }
}

package io.agentflow.domain.workflow;

import io.agentflow.domain.workflow.ApprovalEvent.ApprovalRequested;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A decision that people have to take, and how far they are.
 *
 * @param grantedBy who has approved
 * @param delegates who decides in whose place, by the name of who was to
 */
public record Approval(
    ApprovalRequested request,
    Outcome outcome,
    List<String> grantedBy,
    Map<String, String> delegates,
    boolean reminded) {

  /** How it ended, if it did. */
  public enum Outcome {
    OPEN,
    GRANTED,
    DENIED,
    EXPIRED,
    WITHDRAWN
  }

  static Approval of(ApprovalRequested request) {
    return new Approval(request, Outcome.OPEN, List.of(), Map.of(), false);
  }

  /** Whether this person, with these roles, may decide. Who has delegated may not any more. */
  boolean isEntitled(String person, List<String> roles) {
    if (delegates.containsKey(person)) {
      return false;
    }
    boolean anyone = request.people().isEmpty() && request.roles().isEmpty();
    return anyone
        || request.people().contains(person)
        || delegates.containsValue(person)
        || roles.stream().anyMatch(request.roles()::contains);
  }

  Approval grantedBy(String person) {
    TreeSet<String> all = new TreeSet<>(grantedBy);
    all.add(person);
    Outcome next = all.size() >= request.required() ? Outcome.GRANTED : Outcome.OPEN;
    return new Approval(request, next, List.copyOf(all), delegates, reminded);
  }

  Approval delegated(String from, String to) {
    TreeMap<String, String> all = new TreeMap<>(delegates);
    all.put(from, to);
    return new Approval(request, outcome, grantedBy, Collections.unmodifiableMap(all), reminded);
  }

  Approval remindedOf() {
    return new Approval(request, outcome, grantedBy, delegates, true);
  }

  Approval closed(Outcome how) {
    return new Approval(request, how, grantedBy, delegates, reminded);
  }
}

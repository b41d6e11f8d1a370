package io.agentflow.domain.budget;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which attempt of which step a reservation is for, and how that is written as its id: {@code
 * <workflowId>:<stepId>:<attempt>}. The same attempt always asks under the same id.
 *
 * @param attempt from 1
 */
public record StepReservation(String workflowId, String stepId, int attempt) {

  private static final Pattern ID = Pattern.compile("([0-9a-f-]{36}):(.+):([1-9][0-9]{0,8})");

  public String reservationId() {
    return workflowId + ":" + stepId + ":" + attempt;
  }

  /** What the id says; empty for a reservation that is for no step. */
  public static Optional<StepReservation> of(String reservationId) {
    Matcher id = ID.matcher(reservationId);
    return id.matches()
        ? Optional.of(new StepReservation(id.group(1), id.group(2), Integer.parseInt(id.group(3))))
        : Optional.empty();
  }
}

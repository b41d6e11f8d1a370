package io.agentflow.domain.whatif;

import io.agentflow.domain.Spend;
import io.agentflow.domain.whatif.Difference.Outcome;
import io.agentflow.domain.whatif.Findings.Place;
import io.agentflow.domain.workflow.WorkflowEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One recorded history under another rule. Each decision that was recorded is taken again, by the
 * code that takes it live, on what was so when it was taken; nothing that would have come instead
 * is made up. For one history, seen in its order.
 */
public final class WhatIf {

  private final Findings findings = new Findings();
  private final Oversight oversight;
  private final Accounts accounts;

  /**
   * What a run would have been.
   *
   * @param differences in the order of the log
   * @param asked how often people were asked
   * @param askedUnderRule how often they would have been
   */
  public record Run(
      List<Difference> differences,
      Spend recordedCost,
      Spend cost,
      long asked,
      long askedUnderRule) {}

  /**
   * A history that begins.
   *
   * @param models the language model of an agent, by its id; empty where it is not known
   */
  public WhatIf(Rule rule, Function<String, Optional<String>> models) {
    oversight = new Oversight(rule, findings);
    accounts = new Accounts(rule, models, findings, oversight);
  }

  /** The history's next event, where it stands in the log, and when it occurred. */
  public void see(long position, Instant at, WorkflowEvent event) {
    Place place = new Place(position, at);
    oversight.see(place, event);
    accounts.see(place, event);
    oversight.evolve(event);
  }

  /** What came of all that was seen. */
  public Run run() {
    List<Difference> differences = findings.differences();
    long askedUnderRule = oversight.asked();
    for (Difference difference : differences) {
      askedUnderRule += difference.underRule() == Outcome.ASKED ? 1 : 0;
      askedUnderRule -= difference.recorded() == Outcome.ASKED ? 1 : 0;
    }
    return new Run(
        differences, accounts.recorded(), accounts.underRule(), oversight.asked(), askedUnderRule);
  }
}

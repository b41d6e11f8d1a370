package io.agentflow.domain.whatif;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.budget.BudgetRejection.LimitExceeded;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What each workflow may spend. At least one of the two.
 *
 * @param tokens null for as many as it wants
 * @param microDollars null for as many as it wants
 */
public record Limit(@Nullable Long tokens, @Nullable Long microDollars) {

  public Limit {
    if (tokens == null && microDollars == null) {
      throw new InvalidField("budget", "must have tokens, microDollars or both");
    }
    if (tokens != null) {
      Checks.count("budget.tokens", tokens);
    }
    if (microDollars != null) {
      Checks.count("budget.microDollars", microDollars);
    }
  }

  Spend spend() {
    return new Spend(
        tokens == null ? Checks.EXACT_INTEGER_MAX : tokens,
        microDollars == null ? Checks.EXACT_INTEGER_MAX : microDollars);
  }

  /** Of what is limited alone. */
  String sentence(LimitExceeded exceeded) {
    List<String> words = new ArrayList<>();
    if (tokens != null) {
      words.add(
          "%d tokens, of which %d remain"
              .formatted(exceeded.requestedTokens(), exceeded.remainingTokens()));
    }
    if (microDollars != null) {
      words.add(
          "%d micro-dollars, of which %d remain"
              .formatted(exceeded.requestedMicroDollars(), exceeded.remainingMicroDollars()));
    }
    return "it asks for " + String.join(", and for ", words);
  }
}

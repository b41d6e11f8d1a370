package io.agentflow.domain.whatif;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
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
}

package io.agentflow.application.whatif;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.Risk;
import io.agentflow.domain.planning.StepKind;
import io.agentflow.domain.whatif.Limit;
import io.agentflow.domain.whatif.Policy;
import io.agentflow.domain.whatif.Prices;
import io.agentflow.domain.whatif.Rule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Another rule than the one that was in force. What is left out is as it was.
 *
 * @param autonomy the mode of every plan
 * @param autonomyFloor what any plan is granted at most
 */
record WhatIfRule(
    @Nullable String autonomy,
    @Nullable String autonomyFloor,
    @Nullable PolicyPart policy,
    @Nullable PricesPart prices,
    @Nullable BudgetPart budget) {

  /**
   * How risky steps are, and which tools are not called. Of a tool's risk and a kind's the tool's
   * counts.
   *
   * @param toolRisks `low`, `medium`, `high` or `critical`, by the name of the tool
   * @param kindRisks the same by the kind of step: `agent` or `tool`
   * @param deniedTools tools that neither steps nor agents may call
   */
  record PolicyPart(
      @Nullable Map<String, @Nullable String> toolRisks,
      @Nullable Map<String, @Nullable String> kindRisks,
      @Nullable List<@Nullable String> deniedTools) {

    private Policy policy() {
      return new Policy(
          risks("policy.toolRisks", toolRisks),
          kinds(risks("policy.kindRisks", kindRisks)),
          tools(deniedTools == null ? List.of() : deniedTools));
    }

    private static Map<String, Risk> risks(
        String field, @Nullable Map<String, @Nullable String> words) {
      Map<String, Risk> risks = new HashMap<>();
      if (words != null) {
        words.forEach((name, word) -> risks.put(name, word(Risk.class, field, word)));
      }
      return risks;
    }

    private static Map<StepKind, Risk> kinds(Map<String, Risk> risks) {
      Map<StepKind, Risk> kinds = new HashMap<>();
      risks.forEach(
          (kind, risk) -> kinds.put(word(StepKind.class, "policy.kindRisks", kind), risk));
      return kinds;
    }

    private static Set<String> tools(List<@Nullable String> names) {
      Set<String> tools = new HashSet<>();
      for (String name : names) {
        tools.add(Checks.present("policy.deniedTools", name));
      }
      return tools;
    }
  }

  /**
   * What tokens cost, in micro-dollars for 1,000,000 of them.
   *
   * @param models by the name of the language model, as its agent was registered with it
   * @param others for other models, and where the model is not known
   */
  record PricesPart(@Nullable Map<String, @Nullable Long> models, @Nullable Long others) {

    private Prices prices() {
      Map<String, Long> present = new HashMap<>();
      if (models != null) {
        models.forEach(
            (model, price) -> present.put(model, Checks.present("prices.models." + model, price)));
      }
      return new Prices(present, others);
    }
  }

  /** What each workflow may spend: tokens, micro-dollars or both. */
  record BudgetPart(@Nullable Long tokens, @Nullable Long microDollars) {}

  private static <E extends Enum<E>> E word(Class<E> type, String field, @Nullable String word) {
    String present = Checks.present(field, word);
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(present)) {
        return value;
      }
    }
    throw new InvalidField(field, "has a word that is not known here");
  }

  /**
   * What it says.
   *
   * @throws InvalidField for what no rule could mean
   */
  Rule rule() {
    return new Rule(
        autonomy == null ? null : AutonomyMode.of(autonomy),
        autonomyFloor == null ? null : AutonomyMode.of(autonomyFloor),
        policy == null ? Policy.NONE : policy.policy(),
        prices == null ? null : prices.prices(),
        budget == null ? null : new Limit(budget.tokens(), budget.microDollars()));
  }
}

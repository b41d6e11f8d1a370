package io.agentflow.domain.planning;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How far agents may act without a person, the strictest first. */
public enum AutonomyMode {
  /** Plans are made and approved; people carry them out. */
  PLAN_ONLY,
  /** Each step waits for an approval. */
  APPROVE_ALL,
  /** Steps that are marked as canary run, the others wait for an approval. */
  CANARY_ONLY,
  /** Steps of low risk run, the others wait for an approval. */
  RISK_BASED,
  /** Everything runs, but for steps of critical risk, which wait for an approval. */
  FULL_AUTO;

  /** The word that events and the API use: {@code plan_only}, {@code approve_all}, … */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The mode that the word means.
   *
   * @throws InvalidField when it means none
   */
  public static AutonomyMode of(@Nullable String word) {
    String present = Checks.present("autonomy", word);
    return Arrays.stream(values())
        .filter(mode -> mode.word().equals(present))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidField(
                    "autonomy",
                    "must be one of "
                        + Arrays.stream(values())
                            .map(AutonomyMode::word)
                            .collect(Collectors.joining(", "))
                        + ", not \""
                        + present
                        + "\""));
  }

  /** Of two modes, that which lets less happen. */
  public AutonomyMode orStricter(AutonomyMode other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** Whether people are asked about the plan as a whole, before anything of it starts. */
  public boolean asksForPlans() {
    return this == PLAN_ONLY || this == APPROVE_ALL;
  }

  /** Whether a step may run at once under this mode, and by which rule. */
  public Verdict judge(PlanStep step) {
    return switch (this) {
      case PLAN_ONLY -> new Verdict(Ruling.REFUSE, "plan_only runs nothing");
      case APPROVE_ALL -> new Verdict(Ruling.ASK, "approve_all asks before each step");
      case CANARY_ONLY ->
          step.canary()
              ? new Verdict(Ruling.RUN, "canary_only runs canary steps")
              : new Verdict(Ruling.ASK, "canary_only asks before steps that are no canary");
      case RISK_BASED ->
          step.risk() == Risk.LOW
              ? new Verdict(Ruling.RUN, "risk_based runs steps of low risk")
              : new Verdict(Ruling.ASK, "risk_based asks before steps above low risk");
      case FULL_AUTO ->
          step.risk() == Risk.CRITICAL
              ? new Verdict(Ruling.ASK, "full_auto asks before steps of critical risk")
              : new Verdict(Ruling.RUN, "full_auto runs steps below critical risk");
    };
  }

  /** What a mode says to a step. */
  public enum Ruling {
    RUN,
    ASK,
    REFUSE
  }

  /**
   * What a mode said to a step.
   *
   * @param rule the rule that decided, in one sentence
   */
  public record Verdict(Ruling ruling, String rule) {}
}

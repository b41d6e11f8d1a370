package io.agentflow.domain.whatif;

import io.agentflow.domain.Spend;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A recorded decision that the rule would have taken otherwise.
 *
 * @param position of the entry that tells the decision
 * @param subject what was decided about: a step, a plan's version, a message, a call
 * @param recorded what was decided
 * @param underRule what would have been
 * @param because the rule's reason, in a sentence
 * @param recordedCost what came of it cost: of a step, all its attempts
 * @param cost what that costs under the rule; nothing where it would not have happened
 * @param remaining what a budget would have had left when it was asked; null where none was
 * @param first whether nothing before it was decided otherwise in this workflow: then it is
 *     certain; behind another one it is what the rule says to what was recorded, and that might not
 *     have come to pass. Costs decide nothing
 */
public record Difference(
    long position,
    Instant at,
    Kind kind,
    String subject,
    Outcome recorded,
    Outcome underRule,
    String because,
    Spend recordedCost,
    Spend cost,
    @Nullable Spend remaining,
    boolean first) {

  /** What was to be decided. */
  public enum Kind {
    /** Whether people are asked about a plan. */
    PLAN,
    /** Whether a workflow may start. */
    START,
    /** Whether a step is handed out. */
    STEP,
    /** Whether a step's attempt gets what it is estimated to use. */
    RESERVATION,
    /** Whether a tool may be called. */
    TOOL_CALL,
    /** Whether what was recorded as used was there to be used. */
    SPENDING,
    /** Nothing but the price. */
    COST;

    /** As the API says it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What was decided. */
  public enum Outcome {
    APPROVED,
    ASKED,
    STARTED,
    HANDED_OUT,
    GRANTED,
    CALLED,
    SPENT,
    REFUSED;

    /** As the API says it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}

package io.agentflow.domain;

/**
 * An amount of both currencies of agent work.
 *
 * @param tokens model tokens
 * @param microDollars millionths of a US dollar
 */
public record Spend(long tokens, long microDollars) {

  public static final Spend NONE = new Spend(0, 0);

  /**
   * A spend that a command may carry.
   *
   * @throws InvalidField when either is negative or above 2^53 - 1
   */
  public static Spend of(long tokens, long microDollars) {
    return new Spend(Checks.count("tokens", tokens), Checks.count("microDollars", microDollars));
  }

  public Spend plus(Spend other) {
    return new Spend(
        Math.addExact(tokens, other.tokens), Math.addExact(microDollars, other.microDollars));
  }

  public Spend minus(Spend other) {
    return new Spend(
        Math.subtractExact(tokens, other.tokens),
        Math.subtractExact(microDollars, other.microDollars));
  }

  /** Whether neither currency is more than the other spend has. */
  public boolean isWithin(Spend other) {
    return tokens <= other.tokens && microDollars <= other.microDollars;
  }

  /**
   * Whether either currency is at so many percent of the limit's, or above. Nothing has reached
   * nothing.
   *
   * @param percent 1 to 100
   */
  public boolean hasReached(int percent, Spend limit) {
    return hasReached(tokens, percent, limit.tokens)
        || hasReached(microDollars, percent, limit.microDollars);
  }

  private static boolean hasReached(long amount, int percent, long limit) {
    return amount > 0 && Math.multiplyExact(amount, 100L) >= Math.multiplyExact(limit, percent);
  }

  /** Whether either currency has grown past what JSON can carry exactly. */
  public boolean isTooLargeForJson() {
    return tokens > Checks.EXACT_INTEGER_MAX || microDollars > Checks.EXACT_INTEGER_MAX;
  }
}

package io.agentflow.cli.runs;

import io.agentflow.cli.runs.RecordedRun.Step;

/**
 * What tokens cost. Recordings carry no token counts, so a step's tokens are estimated as a quarter
 * of its characters, rounded up, each step counted once.
 *
 * @param inputDollarsPerMillion for what the model read
 * @param outputDollarsPerMillion for what it wrote
 */
public record TokenPrices(double inputDollarsPerMillion, double outputDollarsPerMillion) {

  private static final int CHARS_PER_TOKEN = 4;

  /** An estimated cost. */
  record Cost(long tokens, long microDollars) {
    Cost plus(Cost other) {
      return new Cost(tokens + other.tokens, microDollars + other.microDollars);
    }
  }

  Cost of(Step step) {
    long tokens = Math.ceilDiv(step.chars(), CHARS_PER_TOKEN);
    // Dollars for a million tokens are micro-dollars for one.
    double price = step.isOutput() ? outputDollarsPerMillion : inputDollarsPerMillion;
    return new Cost(tokens, Math.round(tokens * price));
  }

  Cost of(RecordedRun run) {
    return run.steps().stream().map(this::of).reduce(new Cost(0, 0), Cost::plus);
  }
}

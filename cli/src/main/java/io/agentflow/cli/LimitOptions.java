package io.agentflow.cli;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a budget may give out, as people say it: tokens, and dollars instead of micro-dollars. */
public final class LimitOptions {

  private static final int MICRO_DIGITS = 6;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--tokens",
      required = true,
      paramLabel = "TOKENS",
      description = "The limit in tokens.")
  private long tokens;

  @Option(
      names = "--dollars",
      required = true,
      paramLabel = "DOLLARS",
      description = "The limit in dollars, to the millionth.")
  private BigDecimal dollars = BigDecimal.ZERO;

  @Option(
      names = "--soft-tokens",
      paramLabel = "TOKENS",
      description = "Tell when more tokens are used than this; stop nothing.")
  private @Nullable Long softTokens;

  @Option(
      names = "--soft-dollars",
      paramLabel = "DOLLARS",
      description = "Tell when more dollars are used than this; stop nothing.")
  private @Nullable BigDecimal softDollars;

  /** The body that names these limits. */
  ObjectNode body() {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("limitTokens", tokens)
            .put("limitMicroDollars", microDollars("--dollars", dollars));
    if (softTokens != null) {
      body.put("softLimitTokens", softTokens);
    }
    if (softDollars != null) {
      body.put("softLimitMicroDollars", microDollars("--soft-dollars", softDollars));
    }
    return body;
  }

  private long microDollars(String option, BigDecimal amount) {
    try {
      return amount.movePointRight(MICRO_DIGITS).longValueExact();
    } catch (ArithmeticException e) {
      throw new ParameterException(
          requireNonNull(command).commandLine(),
          "%s must be an amount to the millionth of a dollar, not %s".formatted(option, amount));
    }
  }
}

package io.agentflow.cli;

import java.math.BigDecimal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads dollars, as people say them, as the micro-dollars that the API takes. */
final class MicroDollars implements ITypeConverter<Long> {

  private static final int MICRO_DIGITS = 6;

  @Override
  public Long convert(String dollars) {
    try {
      return new BigDecimal(dollars).movePointRight(MICRO_DIGITS).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TypeConversionException(
          "'%s' is no amount to the millionth of a dollar".formatted(dollars));
    }
  }
}

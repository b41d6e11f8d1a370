package io.agentflow.application.replay;

import io.agentflow.domain.InvalidField;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How fast a history is told again.
 *
 * @param word as it was asked for: {@code max}, {@code original}, {@code 10x}
 * @param factor by which it is faster than what was recorded; infinite without any wait
 */
record Pace(String word, double factor) {

  static final Pace MAX = new Pace("max", Double.POSITIVE_INFINITY);

  private static final String ORIGINAL = "original";
  private static final Pattern FACTOR = Pattern.compile("([0-9]{1,6}(?:\\.[0-9]{1,3})?)x");

  /**
   * Reads what a client asks for; {@code max} where it asks for nothing.
   *
   * @throws InvalidField for what is no pace
   */
  static Pace of(@Nullable String word) {
    if (word == null || word.equals(MAX.word)) {
      return MAX;
    }
    if (word.equals(ORIGINAL)) {
      return new Pace(word, 1);
    }
    Matcher matcher = FACTOR.matcher(word);
    double factor = matcher.matches() ? Double.parseDouble(matcher.group(1)) : 0;
    if (factor == 0) {
      throw new InvalidField("speed", "must be max, original or a factor such as 10x or 0.5x");
    }
    return new Pace(word, factor);
  }

  boolean isMax() {
    return Double.isInfinite(factor);
  }

  /** How long it takes between what occurred then and what occurred later; never below zero. */
  Duration between(Instant earlier, Instant later) {
    if (isMax() || !later.isAfter(earlier)) {
      return Duration.ZERO;
    }
    Duration recorded = Duration.between(earlier, later);
    double seconds = (recorded.toSeconds() + recorded.toNanosPart() / 1e9) / factor;
    return Duration.ofNanos((long) Math.min(seconds * 1e9, Long.MAX_VALUE / 4.0));
  }
}

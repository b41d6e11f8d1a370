package io.agentflow.server.wiring;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a text may tell in the server's output. Whoever wrote it: values that it quotes,
 * credentials, and contents of commands are masked, and nothing in it can begin a line.
 */
final class LogText {

  /** Up to the last quote: a value may have quotes itself. An apostrophe is none. */
  private static final List<Pattern> QUOTED =
      List.of(
          Pattern.compile("(?<=\")(?<value>.+)(?=\")", Pattern.DOTALL),
          Pattern.compile("(?<!\\w)'(?<value>.+)'(?!\\w)", Pattern.DOTALL),
          Pattern.compile("`(?<value>.+)`", Pattern.DOTALL));

  private static final List<Pattern> SECRET =
      List.of(
          Pattern.compile("(?<value>\\bafk\\.[\\w.~+/=-]*)"),
          Pattern.compile("(?<value>\\beyJ[\\w.-]{8,})"),
          Pattern.compile("(?i)\\b(?:bearer|basic)\\s+(?<value>[^\\s,;]+)"),
          Pattern.compile(
              "(?i)\\b(?:authorization|idempotency-?key|lease-?token|secret|password|token)"
                  + "\\s*[=:]\\s*(?<value>(?!bearer\\b|basic\\b)[^\\s,;\\]})]+)"),
          // As records tell what they have.
          Pattern.compile(
              "\\b(?:content|arguments|result|payload|input|output|intent|note|reason)="
                  + "(?<value>.*?)(?=, \\w+=|]|$)",
              Pattern.DOTALL));

  private LogText() {}

  /** The one rule: of a value that is long enough its first two and last two characters. */
  static String masked(String value) {
    return value.length() <= 4
        ? "*".repeat(value.length())
        : value.substring(0, 2) + "***" + value.substring(value.length() - 2);
  }

  /** A text with everything in it masked that may be somebody's. */
  static String of(String text) {
    String told = text;
    for (Pattern quoted : QUOTED) {
      told = masking(told, quoted);
    }
    return withoutSecrets(told);
  }

  /** A text of ours, or of the Java machine, that quotes names of the code. */
  static String withoutSecrets(String text) {
    String told = text;
    for (Pattern secret : SECRET) {
      told = masking(told, secret);
    }
    return onOneLine(told);
  }

  private static String masking(String text, Pattern values) {
    Matcher matcher = values.matcher(text);
    return matcher.replaceAll(found -> Matcher.quoteReplacement(masked(found, text)));
  }

  private static String masked(MatchResult found, String text) {
    int start = found.start("value");
    int end = found.end("value");
    return text.substring(found.start(), start)
        + masked(text.substring(start, end))
        + text.substring(end, found.end());
  }

  /** What would end the line, hide it or turn it around, is told by its number. */
  private static String onOneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            character -> {
              if (isShown(character)) {
                line.appendCodePoint(character);
              } else {
                line.append("\\u{%x}".formatted(character));
              }
            });
    return line.toString();
  }

  private static boolean isShown(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}

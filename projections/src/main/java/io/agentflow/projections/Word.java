package io.agentflow.projections;

import org.jspecify.annotations.Nullable;

/**
 * A run of letters and digits in a text, by Unicode: what {@code views.words} takes for a word.
 *
 * @param end behind its last character
 */
record Word(String text, int start, int end) {

  /** The first word that begins there or later; null where there is none. */
  static @Nullable Word next(String text, int from) {
    int start = from;
    while (start < text.length() && !isPartOfWord(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    int end = start;
    while (end < text.length() && isPartOfWord(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return start == end ? null : new Word(text, start, end);
  }

  private static boolean isPartOfWord(int character) {
    return Character.isAlphabetic(character) || Character.isDigit(character);
  }

  /** Character by character, wherever the server runs and whatever stands beside. */
  String lowerCase() {
    return text.substring(start, end)
        .codePoints()
        .map(Character::toLowerCase)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}

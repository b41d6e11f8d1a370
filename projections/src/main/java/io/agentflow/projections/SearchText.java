package io.agentflow.projections;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a text has to have to be found: all of the words, {@code "these, one behind the other"},
 * {@code -not} these, {@code or} as a word between two of which either will do. Words are runs of
 * letters and digits; their case makes no difference.
 *
 * @param query as the database's search functions read it: each part in quotation marks
 * @param words that are wanted, in lower case
 */
public record SearchText(String query, Set<String> words) {

  /** Longest text to search for, in characters. */
  public static final int CHARS_MAX = 200;

  private static final Pattern PART = Pattern.compile("(-?)(?:\"([^\"]*)\"?|([^\\s\"]+))");

  public SearchText {
    words = Set.copyOf(words);
  }

  /**
   * Reads what people write.
   *
   * @throws InvalidField when it is too long, or has no word that is wanted
   */
  public static SearchText of(String parameter, String text) {
    Checks.text(parameter, text, CHARS_MAX);
    Set<String> wanted = new HashSet<>();
    StringBuilder query = new StringBuilder();
    boolean isAlternative = false;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      boolean isUnwanted = !part.group(1).isEmpty();
      if ("or".equalsIgnoreCase(part.group(3)) && !isUnwanted) {
        isAlternative = !query.isEmpty();
        continue;
      }
      List<String> words = words(part.group(2), part.group(3));
      if (words.isEmpty()) {
        continue;
      }
      if (!query.isEmpty()) {
        query.append(isAlternative ? " or " : " ");
      }
      isAlternative = false;
      query.append(isUnwanted ? "-\"" : "\"").append(String.join(" ", words)).append('"');
      if (!isUnwanted) {
        wanted.addAll(words);
      }
    }
    if (wanted.isEmpty()) {
      throw new InvalidField(
          parameter, "must have a word to be found: letters or digits, without a - before it");
    }
    return new SearchText(query.toString(), wanted);
  }

  private static List<String> words(@Nullable String quoted, @Nullable String bare) {
    List<String> words = new ArrayList<>();
    String text = quoted == null ? String.valueOf(bare) : quoted;
    for (Word word = Word.next(text, 0); word != null; word = Word.next(text, word.end())) {
      words.add(word.lowerCase());
    }
    return words;
  }
}

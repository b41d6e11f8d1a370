package io.agentflow.projections;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a text that shows best why it was found, on one line: at most {@value #CHARS_MAX} of
 * its characters, with the words that were wanted marked.
 */
public record Snippet(List<Part> parts) {

  /** Longest part of a text, in characters; a mark of what is left out stands beside it. */
  public static final int CHARS_MAX = 240;

  private static final int CHARS_BEFORE = 60;
  private static final String LEFT_OUT = "…";

  /**
   * Some characters of the text, or of what is left out.
   *
   * @param hit whether it is a word that was wanted
   */
  public record Part(String text, boolean hit) {}

  /** Shows where most of the words stand close to each other, or else how the text begins. */
  public static Snippet of(String text, Set<String> words) {
    List<Word> hits = new ArrayList<>();
    for (Word word = Word.next(text, 0); word != null; word = Word.next(text, word.end())) {
      if (words.contains(word.lowerCase())) {
        hits.add(word);
      }
    }
    int start = start(text, best(hits));
    int end = end(text, start);
    List<Part> parts = new ArrayList<>();
    int shown = start;
    String before = start > 0 ? LEFT_OUT : "";
    for (Word hit : hits) {
      if (hit.start() >= start && hit.end() <= end) {
        add(parts, before + oneLine(text.substring(shown, hit.start())), false);
        add(parts, text.substring(hit.start(), hit.end()), true);
        before = "";
        shown = hit.end();
      }
    }
    add(
        parts,
        before + oneLine(text.substring(shown, end)) + (end < text.length() ? LEFT_OUT : ""),
        false);
    return new Snippet(List.copyOf(parts));
  }

  private static void add(List<Part> parts, String text, boolean hit) {
    if (!text.isEmpty()) {
      parts.add(new Part(text, hit));
    }
  }

  /** The beginning of where most of the words are near each other, and nearest; 0 without hits. */
  private static int best(List<Word> hits) {
    int best = 0;
    int most = 0;
    int shortest = 0;
    for (int i = 0; i < hits.size(); i++) {
      int first = hits.get(i).start();
      int chars = 0;
      Set<String> near = new HashSet<>();
      for (Word hit : hits.subList(i, hits.size())) {
        if (hit.end() > first + CHARS_MAX - CHARS_BEFORE) {
          break;
        }
        if (near.add(hit.lowerCase())) {
          chars = hit.end() - first;
        }
      }
      if (near.size() > most || (near.size() == most && chars < shortest)) {
        best = first;
        most = near.size();
        shortest = chars;
      }
    }
    return best;
  }

  /** A little before the hit, where a word begins. */
  private static int start(String text, int hit) {
    if (hit <= CHARS_BEFORE) {
      return 0;
    }
    int start = hit - CHARS_BEFORE;
    while (start < hit && !Character.isWhitespace(text.charAt(start - 1))) {
      start++;
    }
    return start;
  }

  /** Where a word ends, unless the last one is as long as all that is shown. */
  private static int end(String text, int start) {
    if (text.length() - start <= CHARS_MAX) {
      return text.length();
    }
    int end = start + CHARS_MAX;
    while (end > start && !Character.isWhitespace(text.charAt(end))) {
      end--;
    }
    if (end > start) {
      return end;
    }
    boolean splits = Character.isLowSurrogate(text.charAt(start + CHARS_MAX));
    return start + CHARS_MAX - (splits ? 1 : 0);
  }

  /** Without line breaks, and without what a terminal would obey. */
  private static String oneLine(String text) {
    return text.replaceAll("[\\s\\p{Cc}]+", " ");
  }
}

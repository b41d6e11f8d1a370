package io.agentflow.domain;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of a list ended, as a word that clients only hand back. It names its list, so that
 * one of another list is refused, and its own version, so that its form may change.
 *
 * @param list which list, in one word
 * @param key of the last item on the page
 * @param asOf the position of the log as of which the list is read; null for what it is now
 */
public record Cursor(String list, long key, @Nullable Long asOf) {

  private static final Pattern FORM =
      Pattern.compile("1 ([a-z/]+) (0|[1-9][0-9]{0,17})(?: (0|[1-9][0-9]{0,17}))?");

  /** In a list as it is now. */
  public Cursor(String list, long key) {
    this(list, key, null);
  }

  /** What clients are given. */
  public String text() {
    String text = "1 %s %d".formatted(list, key) + (asOf == null ? "" : " " + asOf);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The key that a client's cursor names.
   *
   * @param absent the key where the client sends none: from the beginning of the list
   * @throws InvalidField for what is no cursor, or one of another list, or of one of the past
   */
  public static long key(String list, @Nullable String text, long absent) {
    if (text == null) {
      return absent;
    }
    Cursor cursor = read(list, text);
    if (cursor.asOf() != null) {
      throw new InvalidField(
          "cursor",
          "must be one of this list as it is now; this is one as of position " + cursor.asOf());
    }
    return cursor.key();
  }

  /**
   * Reads a client's cursor.
   *
   * @throws InvalidField for what is no cursor, or one of another list
   */
  public static Cursor read(String list, String text) {
    Matcher form = FORM.matcher(decoded(text));
    if (!form.matches()) {
      throw new InvalidField("cursor", "must be the nextCursor of the page before, as it was");
    }
    if (!form.group(1).equals(list)) {
      throw new InvalidField(
          "cursor", "must be one of this list (%s), not of %s".formatted(list, form.group(1)));
    }
    String asOf = form.group(3);
    return new Cursor(
        list, Long.parseLong(form.group(2)), asOf == null ? null : Long.valueOf(asOf));
  }

  private static String decoded(String text) {
    try {
      return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}

package io.agentflow.domain;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What every value of a command has to be, whoever sends it. Each method throws {@link
 * InvalidField}, also for a null that came in from outside, where no compiler looked.
 */
public final class Checks {

  /** Longest name of anything, in characters. */
  public static final int NAME_CHARS_MAX = 200;

  /** Longest content of a message, arguments or result of a tool, in characters. */
  public static final int CONTENT_CHARS_MAX = 1_000_000;

  /** Largest whole number that JSON carries exactly (RFC 8259, section 6): 2^53 - 1. */
  public static final long EXACT_INTEGER_MAX = (1L << 53) - 1;

  /** How people, programs, roles and what belongs together may be called. */
  public static final Pattern PRINCIPAL = Pattern.compile("[A-Za-z0-9._:@/-]{1,128}");

  public static final String PRINCIPAL_IN_WORDS = "1 to 128 of A-Z, a-z, 0-9 and ._:@/-";

  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern LOCAL_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  private Checks() {}

  /** A value that must be there. */
  public static <T> T present(String field, @Nullable T value) {
    if (value == null) {
      throw new InvalidField(field, "is required");
    }
    return value;
  }

  /** The id of an aggregate: a UUID, because it is unique over all tenants. */
  public static String uuid(String field, String value) {
    if (!UUID.matcher(present(field, value)).matches()) {
      throw new InvalidField(
          field, "must be a UUID in lower case, like 018f4e6a-0000-7000-8000-000000000001");
    }
    return value;
  }

  /** The id of something within an aggregate, in the client's own words. */
  public static String localId(String field, String value) {
    if (!LOCAL_ID.matcher(present(field, value)).matches()) {
      throw new InvalidField(field, "must be 1 to 128 of A-Z, a-z, 0-9 and ._:-");
    }
    return value;
  }

  /** Somebody who calls, as tokens name it. */
  public static String principal(String field, String value) {
    if (!PRINCIPAL.matcher(present(field, value)).matches()) {
      throw new InvalidField(field, "must be " + PRINCIPAL_IN_WORDS);
    }
    return value;
  }

  /** A name: some text that is not blank. */
  public static String name(String field, String value) {
    text(field, value, NAME_CHARS_MAX);
    if (value.isBlank()) {
      throw new InvalidField(field, "must not be blank");
    }
    return value;
  }

  /**
   * Text of at most so many characters, possibly empty. U+0000 and lone surrogates are refused: the
   * one cannot be stored as {@code jsonb}, the other has no UTF-8 form to hash (RFC 8785, section
   * 3.2.2.2).
   */
  public static String text(String field, String value, int charsMax) {
    if (present(field, value).length() > charsMax) {
      throw new InvalidField(
          field, "must be at most %d characters, not %d".formatted(charsMax, value.length()));
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == 0) {
        throw new InvalidField(field, "must not contain the character U+0000 (at %d)".formatted(i));
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new InvalidField(
            field, "must not contain half of a surrogate pair (at %d)".formatted(i));
      }
    }
    return value;
  }

  /** A count that is neither negative nor larger than JSON can carry. */
  public static long count(String field, long value) {
    if (value < 0 || value > EXACT_INTEGER_MAX) {
      throw new InvalidField(field, "must be 0 to %d, not %d".formatted(EXACT_INTEGER_MAX, value));
    }
    return value;
  }
}

package io.agentflow.projections;

import io.agentflow.domain.Cursor;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Moment;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list, newest first.
 *
 * @param list which list, in one word
 * @param limit rows a page, 1 to {@value #LIMIT_MAX}
 * @param before only what was created before this position
 * @param asOf as the list was at this position of the log; null for what it is now
 */
public record PageRequest(String list, int limit, long before, @Nullable Long asOf) {

  public static final int LIMIT_MAX = 500;
  public static final String LIMIT_DEFAULT = "50";

  /**
   * Reads the query parameters {@code limit} and {@code cursor} of a list as it is now.
   *
   * @throws InvalidField when the limit is out of range or the cursor is none of this list
   */
  public static PageRequest of(String list, int limit, @Nullable String cursor) {
    checkLimit(limit);
    return new PageRequest(list, limit, Cursor.key(list, cursor, Long.MAX_VALUE), null);
  }

  private static void checkLimit(int limit) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidField("limit", "must be 1 to " + LIMIT_MAX + ", not " + limit);
    }
  }

  /**
   * Reads them for a list as it was. A cursor keeps the position at which its first page was read:
   * a time may get more entries while a list is paged, its pages do not.
   *
   * @throws InvalidField when the limit is out of range, the moment is still to come, or the cursor
   *     is none of this list as of that moment
   */
  static PageRequest asOf(
      Moment moment, Past past, String tenantId, String list, int limit, @Nullable String cursor) {
    checkLimit(limit);
    if (cursor == null) {
      return new PageRequest(list, limit, Long.MAX_VALUE, past.position(tenantId, moment));
    }
    Cursor read = Cursor.read(list, cursor);
    Long asOf = read.asOf();
    if (asOf == null || (moment instanceof Moment.AtPosition(long position) && position != asOf)) {
      throw new InvalidField(
          "cursor",
          "must be one of this list %s; this is one %s"
              .formatted(
                  moment.words(),
                  asOf == null ? "of the list as it is now" : "as of position " + asOf));
    }
    return new PageRequest(list, limit, read.key(), past.known(asOf));
  }

  /** One row more than the page holds, so that its end is known without counting. */
  public int fetch() {
    return limit + 1;
  }

  /** What leads from a row of this key to the page behind it. */
  String cursorBehind(long createdPosition) {
    return new Cursor(list, createdPosition, asOf).text();
  }
}

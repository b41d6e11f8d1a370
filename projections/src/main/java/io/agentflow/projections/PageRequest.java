package io.agentflow.projections;

import io.agentflow.domain.Cursor;
import io.agentflow.domain.InvalidField;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list, newest first.
 *
 * @param list which list, in one word
 * @param limit rows a page, 1 to {@value #LIMIT_MAX}
 * @param before only what was created before this position
 */
public record PageRequest(String list, int limit, long before) {

  public static final int LIMIT_MAX = 500;
  public static final String LIMIT_DEFAULT = "50";

  /**
   * Reads the query parameters {@code limit} and {@code cursor}.
   *
   * @throws InvalidField when the limit is out of range or the cursor is none of this list
   */
  public static PageRequest of(String list, int limit, @Nullable String cursor) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidField("limit", "must be 1 to " + LIMIT_MAX + ", not " + limit);
    }
    return new PageRequest(list, limit, Cursor.key(list, cursor, Long.MAX_VALUE));
  }

  /** One row more than the page holds, so that its end is known without counting. */
  public int fetch() {
    return limit + 1;
  }
}

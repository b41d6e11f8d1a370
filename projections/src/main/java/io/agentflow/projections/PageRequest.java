package io.agentflow.projections;

import io.agentflow.domain.InvalidField;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list, newest first.
 *
 * @param limit rows a page, 1 to {@value #LIMIT_MAX}
 * @param before only what was created before this position
 */
public record PageRequest(int limit, long before) {

  public static final int LIMIT_MAX = 500;
  public static final String LIMIT_DEFAULT = "50";

  /**
   * Reads the query parameters {@code limit} and {@code after}.
   *
   * @throws InvalidField when the limit is out of range or {@code after} is no cursor of ours
   */
  public static PageRequest of(int limit, @Nullable String after) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidField("limit", "must be 1 to " + LIMIT_MAX + ", not " + limit);
    }
    if (after == null) {
      return new PageRequest(limit, Long.MAX_VALUE);
    }
    try {
      return new PageRequest(limit, Long.parseLong(after));
    } catch (NumberFormatException e) {
      throw new InvalidField(
          "after", "must be the \"next\" of the page before, not \"" + after + "\"");
    }
  }

  /** One row more than the page holds, so that its end is known without counting. */
  public int fetch() {
    return limit + 1;
  }
}

package io.agentflow.projections;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, newest first.
 *
 * @param next what to send as {@code after} for the following page; null on the last one
 */
public record Page<T>(List<T> items, @Nullable String next) {

  /** Cuts the page from rows of which {@link PageRequest#fetch} were asked for. */
  public static <T> Page<T> of(List<T> rows, PageRequest page, ToLongFunction<T> createdPosition) {
    if (rows.size() <= page.limit()) {
      return new Page<>(rows, null);
    }
    List<T> kept = rows.subList(0, page.limit());
    return new Page<>(kept, Long.toString(createdPosition.applyAsLong(kept.getLast())));
  }
}

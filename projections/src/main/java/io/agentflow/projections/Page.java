package io.agentflow.projections;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list.
 *
 * @param nextCursor what to send as `cursor` for the following page; null on the last one
 */
public record Page<T>(List<T> items, @Nullable String nextCursor) {

  /** Cuts the page from rows of which {@link PageRequest#fetch} were asked for. */
  public static <T> Page<T> of(List<T> rows, PageRequest page, ToLongFunction<T> createdPosition) {
    if (rows.size() <= page.limit()) {
      return new Page<>(rows, null);
    }
    List<T> kept = rows.subList(0, page.limit());
    long last = createdPosition.applyAsLong(kept.getLast());
    return new Page<>(kept, page.cursorBehind(last));
  }
}

package io.agentflow.bridge;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a stream has to hold by the log, in order; memory holds two pages of it. */
final class ExpectedMessages {

  private static final int PAGE_ENTRIES = 500;

  private final LogReader log;
  private final StreamContent content;
  private final long bodyBytesMax;
  private Page page;
  private int index;

  /** For whoever asks out of turn; such questions come in runs. */
  private @Nullable Page aside;

  /**
   * Messages of the entries behind a position.
   *
   * @param bodyBytesMax above this an entry is told as a reference
   */
  ExpectedMessages(LogReader log, StreamContent content, long bodyBytesMax, long after) {
    this.log = log;
    this.content = content;
    this.bodyBytesMax = bodyBytesMax;
    this.page = new Page(List.of(), after, after, false);
  }

  /**
   * An entry, and what the stream tells of it.
   *
   * @param message of the entry
   */
  record Expected(LogEntry entry, StreamMessage message) {

    long position() {
      return entry.position();
    }

    String id() {
      return message.id();
    }

    SortedMap<String, String> headers() {
      return new TreeMap<>(message.headers());
    }
  }

  /**
   * Some of them.
   *
   * @param after behind this position
   * @param through up to this one
   * @param last whether the log ended there
   */
  private record Page(List<Expected> messages, long after, long through, boolean last) {

    Optional<Expected> at(long position) {
      int low = 0;
      int high = messages.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        long there = messages.get(middle).position();
        if (there == position) {
          return Optional.of(messages.get(middle));
        }
        if (there < position) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return Optional.empty();
    }

    boolean covers(long position) {
      return position > after && position <= through;
    }
  }

  /** The next one; null at the log's end. */
  @Nullable Expected peek() {
    while (index == page.messages().size() && !page.last()) {
      page = read(page.through());
      index = 0;
    }
    return index == page.messages().size() ? null : page.messages().get(index);
  }

  /** Goes on to the one behind {@link #peek}. */
  void advance() {
    index++;
  }

  /** What is to be told of the entry at a position, wherever {@link #peek} stands. */
  Optional<Expected> at(long position) {
    if (page.covers(position)) {
      return page.at(position);
    }
    if (aside == null || !aside.covers(position)) {
      aside = read(position - 1);
    }
    return aside.at(position);
  }

  private Page read(long after) {
    List<LogEntry> entries = log.selected(content.selection(), after, Long.MAX_VALUE, PAGE_ENTRIES);
    return new Page(
        entries.parallelStream().flatMap(this::expected).toList(),
        after,
        entries.isEmpty() ? after : entries.getLast().position(),
        entries.size() < PAGE_ENTRIES);
  }

  private Stream<Expected> expected(LogEntry entry) {
    return content.message(entry, bodyBytesMax).stream()
        .map(message -> new Expected(entry, message));
  }

  /**
   * The same entry in the form that a message has: what is told whole and what as a reference
   * depends on the server's limit, which may have changed since.
   */
  Expected inFormOf(Expected expected, byte[] body) {
    if (Arrays.equals(expected.message().body(), body)) {
      return expected;
    }
    return Stream.of(Long.MAX_VALUE, 0L)
        .flatMap(bytesMax -> content.message(expected.entry(), bytesMax).stream())
        .filter(message -> Arrays.equals(message.body(), body))
        .map(message -> new Expected(expected.entry(), message))
        .findFirst()
        .orElse(expected);
  }
}

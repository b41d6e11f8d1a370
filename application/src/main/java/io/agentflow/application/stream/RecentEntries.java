package io.agentflow.application.stream;

import io.agentflow.eventstore.LogEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The last entries of the log as far as they are kept: a stretch of all tenants, without a gap.
 *
 * @param floor the position before the first entry
 */
record RecentEntries(long floor, List<LogEntry> entries) {

  static final RecentEntries NONE = new RecentEntries(0, List.of());

  static final int ENTRIES_MAX = 4_096;

  /** Of payloads and metadata, so that a few huge plans do not fill the memory. */
  static final long CHARACTERS_MAX = 16_000_000;

  RecentEntries {
    entries = List.copyOf(entries);
  }

  long last() {
    return floor + entries.size();
  }

  /** With what follows; the first go where all together would be too much. */
  RecentEntries and(List<LogEntry> more) {
    List<LogEntry> all = new ArrayList<>(entries);
    all.addAll(more);
    int first = all.size();
    long characters = 0;
    while (first > 0 && all.size() - first < ENTRIES_MAX) {
      LogEntry entry = all.get(first - 1);
      characters += entry.payload().length() + entry.metadata().length();
      if (characters > CHARACTERS_MAX) {
        break;
      }
      first--;
    }
    return new RecentEntries(floor + first, all.subList(first, all.size()));
  }

  /** What follows a position that is not before the floor, at most a page. */
  List<LogEntry> after(long position, int limit) {
    int from = Math.toIntExact(position - floor);
    return List.copyOf(entries.subList(from, Math.min(entries.size(), from + limit)));
  }
}

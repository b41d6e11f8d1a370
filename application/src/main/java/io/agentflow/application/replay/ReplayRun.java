package io.agentflow.application.replay;

import io.agentflow.application.port.BusUnavailable;
import io.agentflow.application.port.HistoryReplay;
import io.agentflow.application.port.HistoryReplay.Published;
import io.agentflow.application.port.HistoryReplay.Told;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogUnavailable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Carries a replay out: reads a page, publishes what is due of it at once, and waits for the bus to
 * acknowledge before it goes on. After any failure, and any silence, it asks the bus where the
 * replay ends and goes on behind that: the bus knows its message ids for two minutes only.
 */
final class ReplayRun {

  private static final int PAGE_ENTRIES_MIN = 16;
  private static final int PAGE_ENTRIES_MAX = 256;
  private static final long PAGE_CHARS_MAX = 4_000_000;

  static final Duration PAUSED_MAX = Duration.ofDays(1);

  private static final Duration AWAY_MAX = Duration.ofMinutes(10);
  private static final long SILENCE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long BACKOFF_MIN_MILLIS = 500;
  private static final long BACKOFF_MAX_MILLIS = 10_000;

  /** Of what is later than this, nothing is caught up: the bus was away, or it was paused. */
  private static final long LATE_NANOS = Duration.ofMillis(500).toNanos();

  private final HistoryReplay bus;
  private final ReplayJob job;
  private final ReplaySource source;
  private final Pace pace;
  private final Duration waitMax;
  private final Clock clock;

  /** Fewer where entries are large. */
  private int pageEntries = PAGE_ENTRIES_MIN;

  private long number;
  private @Nullable LogEntry last;
  private long dueNanos = System.nanoTime();
  private long toldNanos = dueNanos;

  /**
   * One job's.
   *
   * @param waitMax the longest wait between two messages
   */
  ReplayRun(HistoryReplay bus, ReplayJob job, Duration waitMax, Clock clock) {
    this.bus = bus;
    this.job = job;
    this.source = job.source();
    this.pace = job.asked().pace();
    this.waitMax = waitMax;
    this.clock = clock;
    this.number = source.begin();
  }

  /**
   * Publishes until all is told, or the job is ended.
   *
   * @param told where the replay ends on the bus before; null where nothing of it is there
   */
  void run(@Nullable Told told) throws InterruptedException {
    Told there = told;
    boolean looks = true;
    long awaySinceNanos = 0;
    int failures = 0;
    while (!job.isOver()) {
      try {
        if (looks) {
          goOnBehind(there);
          looks = false;
        } else if (failures > 0) {
          goOnBehind(bus.lastTold(job.course()).orElse(null));
        }
        if (!publishPage()) {
          return;
        }
        failures = 0;
      } catch (BusUnavailable | LogUnavailable e) {
        long now = System.nanoTime();
        awaySinceNanos = failures == 0 ? now : awaySinceNanos;
        last = null;
        job.failing(String.valueOf(e.getMessage()));
        if (now - awaySinceNanos > AWAY_MAX.toNanos()) {
          job.fail(
              "given up after %d minutes; ask for it again under the same id: %s"
                  .formatted(AWAY_MAX.toMinutes(), e.getMessage()),
              clock.instant());
          return;
        }
        if (!awaitTurn(now + backoffNanos(failures++))) {
          return;
        }
        job.endTurn();
      }
    }
  }

  /** What the bus has of it already is not told again. */
  private void goOnBehind(@Nullable Told told) {
    long there = told == null ? source.begin() : source.behind(told.position());
    if (there > number && told != null) {
      number = there;
      last = null;
      job.isThere(number, told.position());
    }
    toldNanos = System.nanoTime();
  }

  /** Publishes what comes next; false when nothing does, or it may not any more. */
  private boolean publishPage() throws InterruptedException {
    List<LogEntry> page = source.after(number, pageEntries);
    long chars =
        page.stream().mapToLong(read -> read.payload().length() + read.metadata().length()).sum();
    pageEntries =
        chars > PAGE_CHARS_MAX
            ? Math.max(PAGE_ENTRIES_MIN, pageEntries / 2)
            : Math.min(PAGE_ENTRIES_MAX, pageEntries * 2);
    if (page.isEmpty() && number >= source.end()) {
      job.complete(clock.instant());
      return false;
    }
    String missing = missing(page);
    if (missing != null) {
      job.fail(missing, clock.instant());
      return false;
    }
    int from = 0;
    while (from < page.size()) {
      long firstDueNanos = dueNanos(page.get(from));
      if (!awaitTurn(firstDueNanos)) {
        return false;
      }
      try {
        if (System.nanoTime() - toldNanos > SILENCE_NANOS) {
          long before = number;
          goOnBehind(bus.lastTold(job.course()).orElse(null));
          if (number != before) {
            return true;
          }
        }
        dueNanos = Math.max(firstDueNanos, System.nanoTime() - LATE_NANOS);
        List<LogEntry> due = due(page, from);
        if (!publish(due)) {
          return false;
        }
        from += due.size();
      } finally {
        job.endTurn();
      }
    }
    return true;
  }

  /** Numbers have no gaps, but where somebody took an entry out of the log. */
  private @Nullable String missing(List<LogEntry> page) {
    long before = job.progress().position();
    long expected = number;
    for (LogEntry entry : page) {
      expected++;
      if (source.number(entry) != expected) {
        break;
      }
      before = entry.position();
    }
    return page.isEmpty() || source.number(page.getLast()) != expected
        ? "an entry is missing behind position %d; verify the log before you replay it"
            .formatted(before)
        : null;
  }

  /** When the entry is to go out, by the one before it. */
  private long dueNanos(LogEntry entry) {
    LogEntry before = last;
    if (before == null) {
      return System.nanoTime();
    }
    Duration between = pace.between(before.occurredAt(), entry.occurredAt());
    return dueNanos + Math.min(between.toNanos(), waitMax.toNanos());
  }

  /** The first of them, and those behind it that are due by now. */
  private List<LogEntry> due(List<LogEntry> page, int from) {
    List<LogEntry> due = new ArrayList<>();
    long nowNanos = System.nanoTime();
    for (LogEntry entry : page.subList(from, page.size())) {
      long entryDueNanos = due.isEmpty() ? dueNanos : dueNanos(entry);
      if (!due.isEmpty() && entryDueNanos - nowNanos > 0) {
        break;
      }
      dueNanos = entryDueNanos;
      last = entry;
      due.add(entry);
    }
    return due;
  }

  private boolean publish(List<LogEntry> due) {
    Published published = bus.publish(job.course(), due);
    for (LogEntry entry : due) {
      if (entry.position() <= published.position()) {
        number = source.number(entry);
        job.told(number, entry.position(), entry.occurredAt());
      }
    }
    toldNanos = System.nanoTime();
    if (published.fault() != null) {
      job.fail(published.fault(), clock.instant());
    }
    return published.fault() == null;
  }

  private boolean awaitTurn(long dueAtNanos) throws InterruptedException {
    boolean mayGoOn = job.awaitTurn(dueAtNanos, PAUSED_MAX);
    if (!mayGoOn && !job.isOver()) {
      job.fail(
          "it was paused for more than %d hours; ask for it again under the same id"
              .formatted(PAUSED_MAX.toHours()),
          clock.instant());
    }
    return mayGoOn;
  }

  private static long backoffNanos(int failures) {
    long millis = Math.min(BACKOFF_MAX_MILLIS, BACKOFF_MIN_MILLIS << Math.min(failures, 10));
    return Duration.ofMillis((long) (millis * ThreadLocalRandom.current().nextDouble(0.75, 1.25)))
        .toNanos();
  }
}

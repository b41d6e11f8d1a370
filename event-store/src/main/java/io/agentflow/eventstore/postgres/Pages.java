package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.LogEntry;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Entries page by page, by key. While one page is gone through the next is fetched already, so that
 * the database and the reader work at the same time; memory holds two pages, however many there
 * are.
 */
final class Pages implements Iterator<LogEntry> {

  private final int pageEntries;
  private final Fetch fetch;
  private final ToLongFunction<LogEntry> key;
  private final Executor fetcher;
  private Iterator<LogEntry> page;
  private @Nullable CompletableFuture<List<LogEntry>> next;

  /** Fetches the page behind a key. */
  @FunctionalInterface
  interface Fetch {
    List<LogEntry> after(long key, int limit);
  }

  /** The next page is fetched by a thread of its own. */
  Pages(long start, int pageEntries, Fetch fetch, ToLongFunction<LogEntry> key) {
    this(start, pageEntries, fetch, key, Thread::startVirtualThread);
  }

  /**
   * Pages whose next one is fetched as this says.
   *
   * @param fetcher {@code Runnable::run} where what is shown depends on the thread that asks
   */
  Pages(long start, int pageEntries, Fetch fetch, ToLongFunction<LogEntry> key, Executor fetcher) {
    this.fetcher = fetcher;
    this.pageEntries = pageEntries;
    this.fetch = fetch;
    this.key = key;
    this.page = turnTo(fetch.after(start, pageEntries));
  }

  private Iterator<LogEntry> turnTo(List<LogEntry> entries) {
    if (entries.size() < pageEntries) {
      next = null;
    } else {
      long last = key.applyAsLong(entries.getLast());
      next = CompletableFuture.supplyAsync(() -> fetch.after(last, pageEntries), fetcher);
    }
    return entries.iterator();
  }

  @Override
  public boolean hasNext() {
    if (page.hasNext()) {
      return true;
    }
    if (next == null) {
      return false;
    }
    page = turnTo(fetched(next));
    return page.hasNext();
  }

  private static List<LogEntry> fetched(CompletableFuture<List<LogEntry>> next) {
    try {
      return next.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  @Override
  public LogEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the last entry was read");
    }
    return page.next();
  }
}

package io.agentflow.eventstore;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.axonframework.common.Registration;
import org.axonframework.common.caching.Cache;

/**
 * The aggregates that were used last, so that the next command on one of them reads nothing. It is
 * bounded, and what it holds may be behind the log when another node has appended: the sequence
 * check of the append tells, and the entry is dropped.
 */
public final class AggregateCache implements Cache {

  private final com.github.benmanes.caffeine.cache.Cache<Object, Object> entries;

  /**
   * An empty cache.
   *
   * @param aggregatesMax how many aggregates are held at most; from 0, which holds none
   */
  public AggregateCache(int aggregatesMax) {
    this.entries = Caffeine.newBuilder().maximumSize(aggregatesMax).build();
  }

  @Override
  // Axon's contract: null when there is none.
  @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"})
  public <K, V> V get(K key) {
    return (V) entries.getIfPresent(key);
  }

  @Override
  public void put(Object key, Object value) {
    entries.put(key, value);
  }

  @Override
  public boolean putIfAbsent(Object key, Object value) {
    return entries.asMap().putIfAbsent(key, value) == null;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // a computed value is never null
  public <T> T computeIfAbsent(Object key, Supplier<T> value) {
    return (T) entries.get(key, absent -> value.get());
  }

  @Override
  public boolean remove(Object key) {
    return entries.asMap().remove(key) != null;
  }

  @Override
  public void removeAll() {
    entries.invalidateAll();
  }

  @Override
  public boolean containsKey(Object key) {
    return entries.asMap().containsKey(key);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <V> void computeIfPresent(Object key, UnaryOperator<V> update) {
    entries.asMap().computeIfPresent(key, (present, value) -> update.apply((V) value));
  }

  /**
   * Refused: nobody asks for it, and events about a bounded cache would come late.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Registration registerCacheEntryListener(EntryListener listener) {
    throw new UnsupportedOperationException("this cache tells nobody about its entries");
  }
}

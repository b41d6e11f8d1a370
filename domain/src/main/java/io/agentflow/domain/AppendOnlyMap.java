package io.agentflow.domain;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A map that never changes; {@link #with} answers a new one. Versions of one history share their
 * storage, each seeing only what was put before it, so that folding a long history costs constant
 * time an event instead of a copy. Only a version that was already extended is copied when it is
 * extended again. Safe for use by several threads.
 */
public final class AppendOnlyMap<K, V> {

  private record Entry<K, V>(int version, V value, @Nullable Entry<K, V> before) {}

  private static final class Storage<K, V> {
    private final Map<K, Entry<K, V>> newest = new HashMap<>();
    private int version;
  }

  private final Storage<K, V> storage;
  private final int version;
  private final int size;

  private AppendOnlyMap(Storage<K, V> storage, int version, int size) {
    this.storage = storage;
    this.version = version;
    this.size = size;
  }

  public static <K, V> AppendOnlyMap<K, V> empty() {
    return new AppendOnlyMap<>(new Storage<>(), 0, 0);
  }

  /** A map with these entries. */
  public static <K, V> AppendOnlyMap<K, V> of(Map<K, V> entries) {
    Storage<K, V> storage = new Storage<>();
    entries.forEach((key, value) -> storage.newest.put(key, new Entry<>(0, value, null)));
    return new AppendOnlyMap<>(storage, 0, entries.size());
  }

  /** The value last put under the key, or null. */
  public @Nullable V get(K key) {
    synchronized (storage) {
      Entry<K, V> entry = storage.newest.get(key);
      while (entry != null && entry.version() > version) {
        entry = entry.before();
      }
      return entry == null ? null : entry.value();
    }
  }

  public boolean containsKey(K key) {
    return get(key) != null;
  }

  public int size() {
    return size;
  }

  /** This map, and the value under the key. */
  public AppendOnlyMap<K, V> with(K key, V value) {
    if (size == 0) {
      // An empty map may be a constant: into its storage would go what has to be let go of.
      return of(Map.of(key, value));
    }
    synchronized (storage) {
      if (storage.version != version) {
        return copy().with(key, value);
      }
      boolean isNew = !containsKey(key);
      storage.version++;
      storage.newest.put(key, new Entry<>(storage.version, value, storage.newest.get(key)));
      return new AppendOnlyMap<>(storage, storage.version, isNew ? size + 1 : size);
    }
  }

  private AppendOnlyMap<K, V> copy() {
    return of(asMap());
  }

  private void forEach(BiConsumer<K, V> action) {
    for (K key : storage.newest.keySet()) {
      V value = get(key);
      if (value != null) {
        action.accept(key, value);
      }
    }
  }

  /** A copy with the same entries, in no particular order. */
  public Map<K, V> asMap() {
    synchronized (storage) {
      Map<K, V> map = LinkedHashMap.newLinkedHashMap(size);
      forEach(map::put);
      return map;
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AppendOnlyMap<?, ?> that && asMap().equals(that.asMap());
  }

  @Override
  public int hashCode() {
    return asMap().hashCode();
  }

  @Override
  public String toString() {
    return asMap().toString();
  }
}

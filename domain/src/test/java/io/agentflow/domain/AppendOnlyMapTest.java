package io.agentflow.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AppendOnlyMapTest {

  private record Version(AppendOnlyMap<String, Integer> map, Map<String, Integer> model) {}

  /** Every version ever made stays what it was, whichever version is extended next. */
  @Test
  void no_version_changes_whatever_is_put_into_which_version() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Version> versions = new ArrayList<>();
    versions.add(new Version(AppendOnlyMap.empty(), Map.of()));
    for (int i = 0; i < 500; i++) {
      boolean newest = random.nextInt(4) > 0;
      Version base = newest ? versions.getLast() : versions.get(random.nextInt(versions.size()));
      String key = "k" + random.nextInt(20);
      Map<String, Integer> model = new HashMap<>(base.model());
      model.put(key, i);
      versions.add(new Version(base.map().with(key, i), model));
    }
    for (Version version : versions) {
      assertThat(version.map().size()).as("seed %d", seed).isEqualTo(version.model().size());
      for (int k = 0; k < 20; k++) {
        String key = "k" + k;
        assertThat(version.map().get(key)).as("seed %d", seed).isEqualTo(version.model().get(key));
      }
    }
  }

  @Test
  void maps_with_the_same_entries_are_equal_however_they_came_to_be() {
    AppendOnlyMap<String, Integer> one = AppendOnlyMap.<String, Integer>empty().with("a", 1);
    AppendOnlyMap<String, Integer> base = AppendOnlyMap.<String, Integer>empty().with("a", 0);
    AppendOnlyMap<String, Integer> branch = base.with("b", 2);
    AppendOnlyMap<String, Integer> other = base.with("a", 1);

    assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
    assertThat(branch).isNotEqualTo(one);
  }

  /** Constants are empty maps: what was put into one would be kept for ever. */
  @Test
  void an_empty_map_keeps_nothing_of_what_is_made_of_it() throws ReflectiveOperationException {
    AppendOnlyMap<String, Integer> empty = AppendOnlyMap.empty();
    AppendOnlyMap<String, Integer> one = empty.with("a", 1).with("b", 2);

    Field storage = AppendOnlyMap.class.getDeclaredField("storage");
    storage.setAccessible(true);
    assertThat(storage.get(one)).isNotSameAs(storage.get(empty));
    assertThat(one.asMap()).containsOnlyKeys("a", "b");
  }
}

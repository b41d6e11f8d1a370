package io.agentflow.application.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RecentEntriesTest {

  private static LogEntry entry(long position, String payload) {
    return new LogEntry(
        position,
        "acme",
        position,
        new UUID(0, position),
        "workflow",
        "wf",
        position - 1,
        "workflow.resumed",
        1,
        Instant.EPOCH,
        "{}",
        payload,
        Hash.GENESIS,
        Hash.GENESIS);
  }

  private static List<LogEntry> entries(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(at -> entry(at, "{}")).toList();
  }

  private static final RecentEntries FROM_TEN = new RecentEntries(10, entries(11, 15));

  @Test
  void a_page_follows_its_position() {
    assertThat(FROM_TEN.after(10, 2)).isEqualTo(entries(11, 12));
    assertThat(FROM_TEN.after(14, 2)).isEqualTo(entries(15, 15));
    assertThat(FROM_TEN.after(15, 2)).isEmpty();
  }

  @Test
  void what_follows_is_added_and_the_floor_stays() {
    RecentEntries more = FROM_TEN.and(entries(16, 20));

    assertThat(more).isEqualTo(new RecentEntries(10, entries(11, 20)));
    assertThat(more.last()).isEqualTo(20);
  }

  @Test
  void of_too_many_the_first_go() {
    int count = RecentEntries.ENTRIES_MAX + 3;
    RecentEntries most = FROM_TEN.and(entries(16, 10 + count));

    assertThat(most.floor()).isEqualTo(13);
    assertThat(most.entries()).hasSize(RecentEntries.ENTRIES_MAX);
    assertThat(most.last()).isEqualTo(10 + count);
  }

  @Test
  void of_too_large_ones_the_first_go_and_perhaps_all() {
    String half = "x".repeat((int) RecentEntries.CHARACTERS_MAX / 2 - 10);
    RecentEntries large = FROM_TEN.and(List.of(entry(16, half), entry(17, half)));
    assertThat(large.and(List.of(entry(18, half))).floor()).isEqualTo(16);
    assertThat(large.last()).isEqualTo(17);

    RecentEntries tooLarge = FROM_TEN.and(List.of(entry(16, half + half + half)));
    assertThat(tooLarge).isEqualTo(new RecentEntries(16, List.of()));
  }
}

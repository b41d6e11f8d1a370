package io.agentflow.eventstore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogRangeTest {

  private static RecordedHead head(String tenantId, long tenantPosition) {
    return new RecordedHead(tenantId, tenantPosition, "");
  }

  @Test
  void a_log_without_heads_is_one_range() {
    assertThat(LogRange.cut(null, List.of(), 10)).containsExactly(new LogRange(null, null, null));
  }

  @Test
  void a_long_chain_is_cut_and_short_ones_share_a_range() {
    assertThat(LogRange.cut(null, List.of(head("a", 25), head("b", 3), head("c", 3)), 10))
        .containsExactly(
            new LogRange(null, null, new LogRange.Key("a", 11)),
            new LogRange(null, new LogRange.Key("a", 11), new LogRange.Key("a", 21)),
            new LogRange(null, new LogRange.Key("a", 21), new LogRange.Key("c", 3)),
            new LogRange(null, new LogRange.Key("c", 3), null));
  }

  @Test
  void ranges_hold_what_they_should_and_leave_nothing_out() {
    List<RecordedHead> heads = IntStream.range(0, 1_000).mapToObj(i -> head("t" + i, 7)).toList();
    List<LogRange> ranges = LogRange.cut(null, heads, 50);
    assertThat(ranges).hasSize(7_000 / 50);
    List<LogRange.Key> ends = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      assertThat(ranges.get(i).from()).isEqualTo(i == 0 ? null : ends.get(i - 1));
      ends.add(ranges.get(i).to());
    }
    assertThat(ends.getLast()).isNull();
  }

  @Test
  void a_head_that_lies_makes_no_more_ranges_than_can_be_held() {
    assertThat(LogRange.cut("a", List.of(head("a", Long.MAX_VALUE)), 50_000))
        .hasSizeLessThan(200_000);
    assertThat(LogRange.cut(null, List.of(head("a", -3), head("b", Long.MIN_VALUE)), 10))
        .hasSize(1);
  }
}

package io.agentflow.application.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.InvalidField;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {

  private static final String BERLIN = "Europe/Berlin";

  /** In Berlin at 2026-03-29 there is no time from 02:00 to 03:00. */
  private static final Instant BEFORE_THE_GAP = Instant.parse("2026-03-28T23:50:00Z");

  private static final Instant END_OF_THE_GAP = Instant.parse("2026-03-29T01:00:00Z");

  /** In Berlin at 2026-10-25 the time from 02:00 to 03:00 comes twice. */
  private static final Instant BEFORE_THE_OVERLAP = Instant.parse("2026-10-24T22:50:00Z");

  private static List<Instant> due(String cron, String zone, Instant after, int count) {
    return CronTimes.of(cron, zone).after(after, count);
  }

  private static List<Instant> instants(String... instants) {
    return Stream.of(instants).map(Instant::parse).toList();
  }

  @Test
  void it_is_due_by_the_clock_of_its_zone_in_summer_and_in_winter() {
    assertThat(due("30 9 * * *", BERLIN, Instant.parse("2026-01-02T00:00:00Z"), 1))
        .isEqualTo(instants("2026-01-02T08:30:00Z"));
    assertThat(due("30 9 * * *", BERLIN, Instant.parse("2026-07-02T00:00:00Z"), 1))
        .isEqualTo(instants("2026-07-02T07:30:00Z"));
  }

  @Test
  void six_fields_begin_with_the_second() {
    assertThat(due("*/20 * * * * *", "UTC", Instant.parse("2026-01-02T00:00:00.5Z"), 3))
        .isEqualTo(
            instants("2026-01-02T00:00:20Z", "2026-01-02T00:00:40Z", "2026-01-02T00:01:00Z"));
  }

  @Test
  void a_time_that_there_is_not_is_due_when_the_clock_is_put_forward() {
    assertThat(due("30 2 * * *", BERLIN, BEFORE_THE_GAP, 2))
        .containsExactly(END_OF_THE_GAP, Instant.parse("2026-03-30T00:30:00Z"));
  }

  @Test
  void several_times_that_there_are_not_are_due_once() {
    assertThat(due("*/10 2,3 * * *", BERLIN, BEFORE_THE_GAP, 2))
        .containsExactly(END_OF_THE_GAP, END_OF_THE_GAP.plusSeconds(600));
  }

  @Test
  void a_midnight_that_there_is_not_is_due_when_the_clock_is_put_forward() {
    assertThat(due("0 0 * * *", "Asia/Beirut", Instant.parse("2026-03-28T12:00:00Z"), 2))
        .isEqualTo(instants("2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"));
  }

  @Test
  void a_time_that_comes_twice_is_due_when_it_comes_first() {
    assertThat(due("30 2 * * *", BERLIN, BEFORE_THE_OVERLAP, 2))
        .isEqualTo(instants("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"));
    Instant betweenTheTwo = Instant.parse("2026-10-25T01:10:00Z");
    assertThat(due("30 2 * * *", BERLIN, betweenTheTwo, 1))
        .isEqualTo(instants("2026-10-26T01:30:00Z"));
  }

  @Test
  void what_is_due_in_every_hour_follows_the_time_that_passes() {
    assertThat(due("*/30 * * * *", BERLIN, Instant.parse("2026-03-29T00:10:00Z"), 3))
        .isEqualTo(
            instants("2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"));
    assertThat(due("*/30 * * * *", BERLIN, Instant.parse("2026-10-24T23:40:00Z"), 5))
        .isEqualTo(
            instants(
                "2026-10-25T00:00:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-25T02:00:00Z"));
  }

  @Test
  void the_latest_of_the_times_that_have_come_is_the_last_that_counting_would_find() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<String> crons = List.of("* * * * * *", "*/7 * * * *", "30 2 * * *", "0 12 1 * MON");
    for (int i = 0; i < 400; i++) {
      CronTimes times = CronTimes.of(crons.get(random.nextInt(crons.size())), BERLIN);
      Instant since = times.after(BEFORE_THE_GAP.plusSeconds(random.nextInt(20_000_000)));
      Instant now = since;
      for (int n = random.nextInt(50); n > 0; n--) {
        now = times.after(now);
      }
      Instant latest = now;
      long untilNext = times.after(now).getEpochSecond() - now.getEpochSecond();
      assertThat(times.latest(since, now.plusMillis(random.nextLong(untilNext * 1_000))))
          .as("seed %d", seed)
          .isEqualTo(latest);
    }
  }

  @Test
  void a_year_of_missed_seconds_is_passed_over_at_once() {
    Instant since = Instant.parse("2025-01-02T03:04:05Z");
    Instant now = Instant.parse("2026-01-02T03:04:05.999Z");
    assertThat(CronTimes.of("* * * * * *", "UTC").latest(since, now))
        .isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
  }

  /** From 2072 to 2112 no 29 February is a Monday: 2100 has none. */
  @Test
  void what_is_rarest_is_found() {
    CronTimes times = CronTimes.of("0 0 29 2 MON", "UTC");
    Instant due = Instant.parse("2000-01-01T00:00:00Z");
    while (due.isBefore(Instant.parse("2400-01-01T00:00:00Z"))) {
      due = times.after(due);
      LocalDateTime local = LocalDateTime.ofInstant(due, ZoneOffset.UTC);
      assertThat(local.getDayOfMonth()).isEqualTo(29);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "* * * *|five fields",
        "* * * * * * *|not 7",
        "@daily|five fields",
        "61 * * * *|Invalid value for MinuteOfHour",
        "0 25 * * *|Invalid value for HourOfDay",
        "0 0 * * FOO|cannot be read",
        "a b c d e|cannot be read",
        "*/0 * * * *|cannot be read",
        "0 0 31 2 *|no such day"
      })
  void what_cannot_be_read_or_is_never_due_is_refused(String cron, String why) {
    assertThatThrownBy(() -> CronTimes.of(cron, "UTC"))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("cron ")
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {" 0  6 * * MON-FRI ", "0 6 L * *", "0 6 ? * 5#2", "0 0 6 1,15 JAN-MAR *"})
  void names_lists_ranges_and_steps_are_read(String cron) {
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    assertThat(CronTimes.of(cron, "UTC").after(now)).isAfter(now);
  }
}

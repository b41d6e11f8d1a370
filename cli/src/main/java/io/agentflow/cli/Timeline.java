package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A history as people read it: when, what it had cost, who, and what happened in a sentence. */
final class Timeline {

  private static final List<String> HEADERS =
      List.of("POSITION", "TIME", "SINCE", "COST", "WHO", "WHAT");
  private static final Pattern UUID =
      Pattern.compile("([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{8}([0-9a-f]{4})");
  private static final int WHO_CHARS_MAX = 16;

  private final Instant start;

  private Timeline(Instant start) {
    this.start = start;
  }

  /** A timeline that counts from a workflow's first entry. */
  static Timeline of(JsonNode firstEntry) {
    return new Timeline(Instant.parse(firstEntry.path("occurredAt").asText()));
  }

  void print(Console console, JsonNode items) {
    List<List<String>> rows = new ArrayList<>();
    items.forEach(item -> rows.add(row(item)));
    console.line("began " + start);
    console.table(HEADERS, rows);
  }

  private List<String> row(JsonNode item) {
    String occurredAt = item.path("occurredAt").asText();
    return List.of(
        item.path("position").asText(),
        occurredAt.substring(11, 19),
        since(Duration.between(start, Instant.parse(occurredAt))),
        Console.dollars(item.path("ledTo").path("totalMicroDollars").asLong()),
        shortened(item.path("actor").asText("-")),
        Console.oneLine(EventSentence.of(item.path("type").asText(), item.path("payload"))));
  }

  /** In two units at most. A clock that was set back goes below zero. */
  static String since(Duration since) {
    if (since.isNegative()) {
      return "-" + since(since.negated());
    }
    if (since.toMinutes() == 0) {
      return String.format(Locale.ROOT, "%.1fs", since.toMillis() / 1e3);
    }
    if (since.toHours() == 0) {
      return "%dm%02ds".formatted(since.toMinutes(), since.toSecondsPart());
    }
    return since.toDays() == 0
        ? "%dh%02dm".formatted(since.toHours(), since.toMinutesPart())
        : "%dd%02dh".formatted(since.toDays(), since.toHoursPart());
  }

  static String shortened(String actor) {
    String who = UUID.matcher(actor).replaceAll("$1…$3");
    return who.length() <= WHO_CHARS_MAX ? who : who.substring(0, WHO_CHARS_MAX - 1) + "…";
  }
}

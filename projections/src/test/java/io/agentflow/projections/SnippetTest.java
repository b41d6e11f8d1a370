package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.projections.Snippet.Part;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SnippetTest {

  /** With hits in brackets. */
  private static String marked(String text, String... words) {
    return Snippet.of(text, Set.of(words)).parts().stream()
        .map(part -> part.hit() ? "[" + part.text() + "]" : part.text())
        .collect(Collectors.joining());
  }

  @Test
  void a_short_text_is_shown_whole_with_each_hit_as_it_is_written() {
    assertThat(marked("Refund the REFUND, not refunds: /a/refund.log", "refund"))
        .isEqualTo("[Refund] the [REFUND], not refunds: /a/[refund].log");
    assertThat(marked("Größe “M”?\n\n\tGut.", "größe", "m")).isEqualTo("[Größe] “[M]”? Gut.");
    assertThat(marked("", "x")).isEmpty();
  }

  @Test
  void of_a_long_text_that_part_is_shown_where_most_of_the_words_are() {
    String text = "flight ".repeat(200) + "and the refund of a flight " + "more ".repeat(200);
    String shown = marked(text, "flight", "refund");
    assertThat(shown).contains("the [refund] of a [flight]").startsWith("…").endsWith("…");
  }

  @Test
  void without_a_hit_it_is_the_beginning() {
    assertThat(marked("word ".repeat(100), "other")).startsWith("word word").endsWith("word…");
  }

  @Test
  void what_a_terminal_would_obey_is_not_in_it() {
    assertThat(marked("a\u001b[31m b\u0007", "b")).isEqualTo("a [31m [b] ");
  }

  @Test
  void whatever_the_text_a_snippet_is_short_and_a_part_of_it() {
    Random random = new Random(18);
    List<String> signs =
        List.of("a", "hit", " ", "  ", "\n", "😀", "é", "-", "x".repeat(300), "日本");
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(400); j > 0; j--) {
        text.append(signs.get(random.nextInt(signs.size())));
      }
      List<Part> parts = Snippet.of(text.toString(), Set.of("hit", "a")).parts();
      String shown = parts.stream().map(Part::text).collect(Collectors.joining());
      assertThat(shown.length()).isLessThanOrEqualTo(Snippet.CHARS_MAX + 2);
      assertThat(text.toString().replaceAll("\\s+", " ")).contains(shown.replaceAll("^…|…$", ""));
      assertThat(shown.codePoints()).noneMatch(c -> c >= 0xd800 && c <= 0xdfff);
      assertThat(parts.stream().filter(Part::hit).map(Part::text)).isSubsetOf("hit", "a");
    }
  }
}

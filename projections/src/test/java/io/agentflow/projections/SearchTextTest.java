package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.InvalidField;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          refund flight         | "refund" "flight"
          "travel insurance"    | "travel insurance"
          "travel insurance     | "travel insurance"
          flight -refund        | "flight" -"refund"
          flight -"no refund"   | "flight" -"no refund"
          cancel or cancelled   | "cancel" or "cancelled"
          or cancel OR          | "cancel"
          cancel or or refund   | "cancel" or "refund"
          "or"                  | "or"
          /var/log/a.log        | "var log a log"
          mia_li_3668           | "mia li 3668"
          don't                 | "don t"
          a"b"c                 | "a" "b" "c"
          flight & !x * (y)     | "flight" "x" "y"
          --x flight            | -"x" "flight"
          Größe                 | "größe"
          """)
  void what_people_write_is_read_as_words_in_parts(String text, String query) {
    assertThat(SearchText.of("text", text.strip()).query()).isEqualTo(query.strip());
  }

  @Test
  void what_stands_together_has_to_be_found_together_and_only_what_is_wanted_is_marked() {
    assertThat(SearchText.of("text", "Mia_Li -Refund \"of DAYS\"").words())
        .containsExactlyInAnyOrder("mia", "li", "of", "days");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "!?", "-refund", "\"\"", "or", "-", "\"", "…“”"})
  void a_search_for_no_word_is_refused(String text) {
    assertThatThrownBy(() -> SearchText.of("text", text))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("text must have a word to be found");
  }

  @Test
  void a_text_that_is_too_long_or_that_no_database_takes_is_refused() {
    SearchText.of("text", "x".repeat(SearchText.CHARS_MAX));
    assertThatThrownBy(() -> SearchText.of("text", "x".repeat(SearchText.CHARS_MAX + 1)))
        .hasMessageContaining("at most 200 characters, not 201");
    assertThatThrownBy(() -> SearchText.of("text", "a\0")).isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> SearchText.of("text", "a\ud800")).isInstanceOf(InvalidField.class);
  }

  @Test
  void whatever_is_written_a_query_has_quotation_marks_in_pairs_and_nothing_else_that_counts() {
    Random random = new Random(18);
    String signs = "ab-\"'|&!() :*<>\\éor";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder("x ");
      for (int j = random.nextInt(20); j > 0; j--) {
        text.append(signs.charAt(random.nextInt(signs.length())));
      }
      assertThat(SearchText.of("text", text.toString()).query())
          .as("%s", text)
          .matches("\"x[^\"]*\"(?: (?:or )?-?\"[a-zé0-9 ]+\")*");
    }
  }
}

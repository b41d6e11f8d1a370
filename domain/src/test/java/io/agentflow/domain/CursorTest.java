package io.agentflow.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 131, Checks.EXACT_INTEGER_MAX})
  void a_cursor_that_is_handed_back_names_its_key(long key) {
    assertThat(Cursor.key("agents", new Cursor("agents", key).text(), -1)).isEqualTo(key);
  }

  @Test
  void without_one_the_list_is_read_from_its_beginning() {
    assertThat(Cursor.key("agents", null, 7)).isEqualTo(7);
  }

  @Test
  void a_cursor_can_stand_in_an_address_as_it_is() {
    assertThat(new Cursor("workflows/history", 131).text()).matches("[A-Za-z0-9_-]+");
  }

  @Test
  void a_cursor_of_another_list_is_refused_and_both_are_named() {
    String foreign = new Cursor("budgets", 5).text();
    assertThatThrownBy(() -> Cursor.key("agents", foreign, 0))
        .isInstanceOf(InvalidField.class)
        .hasMessageContainingAll("cursor", "agents", "budgets");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1 agents -1",
        "1 agents 01",
        "1 agents 5 ",
        "1 agents 5 -1",
        "1 agents 5 6 7",
        "2 agents 5",
        "1 agents 9999999999999999999"
      })
  void what_does_not_have_the_form_of_one_is_refused(String forged) {
    String text = Base64.getUrlEncoder().encodeToString(forged.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Cursor.key("agents", text, 0)).isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> Cursor.key("agents", "5", 0)).isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> Cursor.key("agents", "?" + text, 0)).isInstanceOf(InvalidField.class);
  }

  @Test
  void a_cursor_of_the_past_says_of_which_and_is_none_of_the_list_as_it_is_now() {
    Cursor past = new Cursor("agents", 5, 120L);
    assertThat(Cursor.read("agents", past.text())).isEqualTo(past);
    assertThat(Cursor.read("agents", new Cursor("agents", 5).text()).asOf()).isNull();
    assertThatThrownBy(() -> Cursor.key("agents", past.text(), 0))
        .isInstanceOf(InvalidField.class)
        .hasMessageContainingAll("cursor", "as of position 120");
  }
}

package io.agentflow.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the server's output tells of texts that came from outside. */
class LogTextTest {

  @Test
  void of_a_value_its_ends_are_told_and_of_a_short_one_nothing() {
    assertThat(LogText.masked("")).isEmpty();
    assertThat(LogText.masked("a")).isEqualTo("*");
    assertThat(LogText.masked("abcd")).isEqualTo("****");
    assertThat(LogText.masked("abcde")).isEqualTo("ab***de");
    assertThat(LogText.masked("a-long-secret-of-somebody")).isEqualTo("a-***dy");
  }

  @Test
  void what_is_quoted_is_masked_with_the_quotes_in_it() {
    assertThat(LogText.of("For input string: \"canary\""))
        .isEqualTo("For input string: \"ca***ry\"");
    assertThat(LogText.of("String \"a\"canary\"b\" is no date"))
        .isEqualTo("String \"a\"***\"b\" is no date");
    assertThat(LogText.of("no 'canary' here")).isEqualTo("no 'ca***ry' here");
    assertThat(LogText.of("the log's tail is not the server's"))
        .isEqualTo("the log's tail is not the server's");
  }

  @Test
  void credentials_are_masked_wherever_they_stand() {
    for (String text :
        List.of(
            "key afk.acme.0190.canary-secret is gone",
            "Authorization: Bearer canary-token",
            "authorization=Basic canary=",
            "token eyJhbGciOiJFUzI1NiJ9.canary.canary",
            "CompleteStep[workflowId=w, leaseToken=canary-lease, at=now]",
            "Idempotency-Key: canary-key",
            "{leaseToken:canary}")) {
      assertThat(LogText.of(text)).doesNotContain("canary").contains("***");
    }
  }

  @Test
  void the_contents_of_commands_are_masked_and_their_ids_are_told() {
    assertThat(
            LogText.of(
                "RecordMessage[workflowId=w-1, content=hello, canary, role=user, note=canary]"))
        .isEqualTo("RecordMessage[workflowId=w-1, content=he***ry, role=user, note=ca***ry]");
  }

  @Test
  void nothing_begins_a_line_or_moves_the_cursor() {
    assertThat(LogText.of("a\r\n2026-01-01 INFO Forged: b\u001b[2J\u2028\u0085\u202e\ud800"))
        .isEqualTo(
            "a\\u{d}\\u{a}2026-01-01 INFO Forged: b\\u{1b}[2J\\u{2028}\\u{85}\\u{202e}\\u{d800}");
    assertThat(LogText.of("Ünïcode ✓ 😀")).isEqualTo("Ünïcode ✓ 😀");
  }
}

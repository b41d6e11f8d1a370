package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {

  private static final Bearer ADA = Bearer.owner("acme", "ada");

  @TempDir private Path home;

  private Tokens tokens() {
    return new Tokens(Map.of("AF_HOME", home.toString()));
  }

  private void leaveKey() throws IOException {
    Path file = tokens().file();
    Files.createDirectories(home.resolve(".agentflow"));
    Files.writeString(file, DevelopmentKey.generate().json() + "\n");
  }

  @Test
  void a_key_that_comes_later_is_found() throws IOException {
    Tokens tokens = tokens();
    assertThat(tokens.of(ADA)).isEmpty();
    leaveKey();
    String token = tokens.of(ADA).orElseThrow();
    assertThat(SentToken.claims(token).path("sub").asText()).isEqualTo("ada");
    assertThat(tokens.of(ADA)).as("the same while it is fresh").hasValue(token);
    assertThat(tokens.of(Bearer.agent("acme", "a1"))).isPresent().isNotEqualTo(token);
  }

  @Test
  void a_token_that_is_not_trusted_is_not_sent_again() throws IOException {
    leaveKey();
    Tokens tokens = tokens();
    String token = tokens.of(ADA).orElseThrow();
    tokens.forget(ADA);
    assertThat(tokens.of(ADA)).isPresent().get().isNotEqualTo(token);
  }

  @Test
  void what_the_environment_names_comes_first() throws IOException {
    leaveKey();
    Path file = Files.writeString(home.resolve("token"), "first\n");
    Tokens byFile =
        new Tokens(Map.of("AF_HOME", home.toString(), "AF_TOKEN_FILE", file.toString()));
    assertThat(byFile.of(ADA)).hasValue("first");
    Files.writeString(file, "second\n");
    assertThat(byFile.of(ADA)).hasValue("second");
    Files.delete(file);
    assertThatThrownBy(() -> byFile.of(ADA)).hasMessageContaining("AF_TOKEN_FILE");

    assertThat(new Tokens(Map.of("AF_TOKEN", " t ", "AF_TOKEN_FILE", file.toString())).of(ADA))
        .hasValue("t");
    for (String blank : List.of("", "  ")) {
      assertThat(new Tokens(Map.of("AF_TOKEN", blank, "AF_HOME", home.toString())).of(ADA))
          .isPresent();
    }
  }
}

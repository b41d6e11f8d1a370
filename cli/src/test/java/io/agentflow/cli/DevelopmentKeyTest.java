package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class DevelopmentKeyTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);

  /** Again and again, since one coordinate of many begins with a zero byte. */
  @RepeatedTest(50)
  void what_a_key_signs_is_valid_by_the_key_as_it_was_kept() throws GeneralSecurityException {
    DevelopmentKey key = DevelopmentKey.generate();
    DevelopmentKey kept = DevelopmentKey.parse(key.json());
    String token = Bearer.owner("acme", "ada").token(kept, NOW, Duration.ofMinutes(1));

    assertThat(kept.keyId()).isEqualTo(key.keyId());
    assertThat(isSignedBy(key, token)).isTrue();
    assertThat(isSignedBy(DevelopmentKey.generate(), token)).isFalse();
  }

  private static boolean isSignedBy(DevelopmentKey key, String token)
      throws GeneralSecurityException {
    int dot = token.lastIndexOf('.');
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initVerify(key.publicKey());
    signature.update(token.substring(0, dot).getBytes(StandardCharsets.US_ASCII));
    return signature.verify(Base64.getUrlDecoder().decode(token.substring(dot + 1)));
  }

  @Test
  void what_is_no_key_is_told() {
    for (String text : List.of("", "{", "{}", "{\"d\":\"AA\",\"x\":\"AA\",\"y\":\"AA\"}")) {
      assertThatThrownBy(() -> DevelopmentKey.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("EC P-256");
    }
  }

  @Test
  void a_token_says_whom_it_speaks_for_and_how_long() throws IOException {
    DevelopmentKey key = DevelopmentKey.generate();
    JsonNode claims =
        SentToken.claims(
            new Bearer("acme", "ada", List.of("operator"), null)
                .token(key, NOW, Duration.ofMinutes(5)));
    assertThat(claims.path("tenant").asText()).isEqualTo("acme");
    assertThat(claims.path("sub").asText()).isEqualTo("ada");
    assertThat(claims.path("roles")).hasSize(1);
    assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(300);
    assertThat(claims.has("agent_id")).isFalse();

    JsonNode agent =
        SentToken.claims(Bearer.agent("acme", "a1").token(key, NOW, Duration.ofMinutes(5)));
    assertThat(agent.path("agent_id").asText()).isEqualTo("a1");
    assertThat(agent.path("roles").toString()).isEqualTo("[\"agent\"]");
  }

  @Test
  void a_token_lasts_a_day_at_most() {
    DevelopmentKey key = DevelopmentKey.generate();
    Bearer bearer = Bearer.owner("acme", "ada");
    for (Duration lifetime : List.of(Duration.ZERO, Duration.ofMinutes(-1), Duration.ofDays(2))) {
      assertThatThrownBy(() -> bearer.token(key, NOW, lifetime))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 1440 minutes");
    }
  }
}

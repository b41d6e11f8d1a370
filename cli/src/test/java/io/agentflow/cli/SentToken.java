package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;

/** What the tokens say that a client sends here; they are signed by a key in the tests' home. */
public final class SentToken {

  private SentToken() {}

  /** As a server in development leaves it. */
  public static DevelopmentKey leaveKey() throws IOException {
    Path file = new Tokens(System.getenv()).file();
    if (!Files.exists(file)) {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, DevelopmentKey.generate().json());
    }
    return DevelopmentKey.parse(Files.readString(file));
  }

  public static JsonNode claims(Headers headers) throws IOException {
    return claims(headers.getFirst("Authorization").substring("Bearer ".length()));
  }

  static JsonNode claims(String token) throws IOException {
    return new JsonMapper().readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
  }
}

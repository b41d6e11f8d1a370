package io.agentflow.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a client sends: {@code AF_TOKEN}, or those it signs itself where a server in
 * development has left its key.
 */
final class Tokens {

  static final String VARIABLE = "AF_TOKEN";

  private final Map<String, String> environment;
  private final Map<Bearer, Made> made = new ConcurrentHashMap<>();

  private record Made(String token, Instant renewAt) {}

  Tokens(Map<String, String> environment) {
    this.environment = environment;
  }

  /** A token; none where there is neither, and the server will say what is missing. */
  Optional<String> of(Bearer bearer) {
    String named = environment.get(VARIABLE);
    if (named != null && !named.isBlank()) {
      return Optional.of(named.strip());
    }
    Instant now = Instant.now();
    return Optional.ofNullable(
            made.compute(
                bearer,
                (who, kept) ->
                    kept != null && now.isBefore(kept.renewAt()) ? kept : make(who, now)))
        .map(Made::token);
  }

  /** A server that starts for the first time has its key only then: so it is looked for again. */
  private @Nullable Made make(Bearer bearer, Instant now) {
    return key()
        .map(
            key ->
                new Made(
                    bearer.token(key, now, Bearer.LIFETIME_DEFAULT),
                    now.plus(Bearer.LIFETIME_DEFAULT.dividedBy(2))))
        .orElse(null);
  }

  /** The server does not trust the token: it may have another key by now. */
  void forget(Bearer bearer) {
    made.remove(bearer);
  }

  /** The key of the server that has, or had, its home here. */
  Optional<DevelopmentKey> key() {
    Path file = file();
    try {
      return Optional.of(DevelopmentKey.parse(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  Path file() {
    return new ServerAddress(environment).home().resolve(DevelopmentKey.FILE);
  }
}

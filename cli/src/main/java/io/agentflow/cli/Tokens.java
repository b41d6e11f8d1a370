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
 * The tokens that a client sends: {@code AF_TOKEN}, what is in the file {@code AF_TOKEN_FILE}, or
 * those it signs itself where a server in development has left its key.
 */
final class Tokens {

  private static final String VARIABLE = "AF_TOKEN";
  private static final String FILE_VARIABLE = "AF_TOKEN_FILE";

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
    String file = environment.get(FILE_VARIABLE);
    if (file != null && !file.isBlank()) {
      return Optional.of(read(Path.of(file)));
    }
    Instant now = Instant.now();
    return Optional.ofNullable(
            made.compute(
                bearer,
                (who, kept) ->
                    kept != null && now.isBefore(kept.renewAt()) ? kept : make(who, now)))
        .map(Made::token);
  }

  /** Read for each request: whoever keeps the token fresh writes it there. */
  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ", which AF_TOKEN_FILE names", e);
    }
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

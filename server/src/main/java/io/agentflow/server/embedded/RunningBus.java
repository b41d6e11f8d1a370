package io.agentflow.server.embedded;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The message bus in use: one that was named, one that was started and stops with the server, or
 * none, in which case the bridge waits.
 */
public final class RunningBus implements AutoCloseable {

  private final Optional<String> url;
  private final @Nullable NatsServer own;

  private RunningBus(Optional<String> url, @Nullable NatsServer own) {
    this.url = url;
    this.own = own;
  }

  /** The bus that is named, else our own where the program is found, else none. */
  public static RunningBus find(Optional<String> named, Path home) {
    if (named.isPresent()) {
      return new RunningBus(named, null);
    }
    Optional<NatsServer> own =
        NatsServer.findProgram(home).map(program -> NatsServer.start(program, home));
    return new RunningBus(own.map(NatsServer::url), own.orElse(null));
  }

  /** Where to connect; empty when there is no bus. */
  public Optional<String> url() {
    return url;
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
  }
}

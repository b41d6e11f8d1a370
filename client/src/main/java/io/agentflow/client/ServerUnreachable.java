package io.agentflow.client;

import java.net.URI;

/**
 * No server answered, not in time, or the caller was interrupted. Whether a command was carried out
 * is open then: the same {@link Command} may be sent again.
 */
public final class ServerUnreachable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ServerUnreachable(URI server, Throwable cause) {
    super("no server answers at " + server, cause);
  }
}

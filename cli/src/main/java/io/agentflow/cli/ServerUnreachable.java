package io.agentflow.cli;

import java.net.URI;

/** No server answers at the address. */
public final class ServerUnreachable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ServerUnreachable(URI server, Throwable cause) {
    super("no server answers at %s; start one with 'af up'".formatted(server), cause);
  }
}

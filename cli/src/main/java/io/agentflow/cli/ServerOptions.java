package io.agentflow.cli;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server a command speaks to. */
public final class ServerOptions {

  private static final int ATTEMPTS = 3;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "The server. Default: AF_SERVER_URL, else the one that runs here.")
  private @Nullable URI server;

  public URI url() {
    return server == null ? new ServerAddress(System.getenv()).resolve() : server;
  }

  /** A client that speaks for all tenants. */
  ApiClient client() {
    return new ApiClient(url(), null, ATTEMPTS);
  }

  ApiClient client(TenantOption tenant) {
    return new ApiClient(url(), tenant.name(), ATTEMPTS);
  }
}

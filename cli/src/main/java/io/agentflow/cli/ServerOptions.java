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

  /** A client for what is asked of no tenant, or of one that is named beside. */
  ApiClient client() {
    return client(new TenantOption());
  }

  ApiClient client(TenantOption tenant) {
    return client(tenant.name());
  }

  ApiClient client(String tenant) {
    return new ApiClient(url(), tenant, ATTEMPTS);
  }
}

package io.agentflow.cli;

import picocli.CommandLine.Option;

/** For which tenant a command speaks. */
public final class TenantOption {

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      defaultValue = "${env:AF_TENANT:-default}",
      description = "The tenant. Default: AF_TENANT, else 'default'. AF_TOKEN has its own.")
  private String name = "default";

  public String name() {
    return name;
  }
}

package io.agentflow.server;

/** Which version of AgentFlow this is. */
public final class Version {

  private Version() {}

  /** As the jar's manifest has it; {@code development} where there is no jar. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}

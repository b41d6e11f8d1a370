package io.agentflow.server.embedded;

/**
 * A PostgreSQL to connect to, as its owner.
 *
 * @param jdbcUrl without user and password
 */
public record Database(String jdbcUrl, String user, String password) {

  /** Never the password. */
  @Override
  public String toString() {
    return jdbcUrl + " as " + user;
  }
}

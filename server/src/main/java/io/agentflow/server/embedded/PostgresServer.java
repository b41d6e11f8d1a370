package io.agentflow.server.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;

/**
 * A PostgreSQL of the product's own, with real binaries, its data under the home folder and every
 * commit forced to disk.
 */
public final class PostgresServer implements RunningDatabase {

  private static final String NAME = "agentflow";
  private static final String OWNER = "postgres";
  private static final int PASSWORD_BYTES = 24;

  /** Not the library's "trust", which would let in every user of the machine. */
  private static final String WHO_MAY_CONNECT =
      """
      host all all 127.0.0.1/32 scram-sha-256
      host all all ::1/128 scram-sha-256
      """;

  private final EmbeddedPostgres process;
  private final String password;

  private PostgresServer(EmbeddedPostgres process, String password) {
    this.process = process;
    this.password = password;
  }

  /** Starts it on the folder's data, which it makes when there is none yet. */
  public static PostgresServer start(Path home) {
    Path data = home.resolve("postgres");
    Redirect log = Redirect.appendTo(home.resolve("postgres.log").toFile());
    Path passwordFile = home.resolve("postgres.password");
    String password = password(passwordFile);
    endOrphan(data);
    try {
      EmbeddedPostgres process =
          EmbeddedPostgres.builder()
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setOverrideWorkingDirectory(home.resolve("postgres-binaries").toFile())
              // An option of initdb like any other: the owner's password, set when data is made.
              .setLocaleConfig("pwfile", passwordFile.toString())
              .setConnectConfig("password", password)
              .setDataDirectoryCustomizer(PostgresServer::askForPassword)
              .setOutputRedirector(log)
              .setErrorRedirector(log)
              // The library's defaults trade durability for the speed of tests.
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("max_connections", "100")
              // Else its log quotes rows that a constraint refuses.
              .setServerConfig("log_error_verbosity", "terse")
              // We stop it ourselves, after those who use it.
              .setRegisterShutdownHook(false)
              .start();
      createDatabase(process);
      return new PostgresServer(process, password);
    } catch (IOException e) {
      throw new IllegalStateException(
          "PostgreSQL does not start on %s: %s; see %s"
              .formatted(data, e.getMessage(), home.resolve("postgres.log")),
          e);
    }
  }

  /** The owner's password, drawn once and kept where only this user reads it. */
  private static String password(Path file) {
    return Home.secret(
        file,
        () -> {
          byte[] random = new byte[PASSWORD_BYTES];
          new SecureRandom().nextBytes(random);
          return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        });
  }

  private static void askForPassword(File data) {
    Home.writeWhole(data.toPath().resolve("pg_hba.conf"), WHO_MAY_CONNECT);
  }

  private static void endOrphan(Path data) {
    String pidFile = Home.readIfThere(data.resolve("postmaster.pid"));
    if (pidFile != null) {
      // To INT it closes its connections; to TERM it would wait for whoever is connected.
      Orphan.end(
          Long.parseLong(pidFile.lines().findFirst().orElseThrow().strip()), "postgres", "INT");
    }
  }

  private static void createDatabase(EmbeddedPostgres process) {
    try (Connection connection = process.getPostgresDatabase().getConnection();
        PreparedStatement find =
            connection.prepareStatement("select from pg_database where datname = ?")) {
      find.setString(1, NAME);
      try (ResultSet found = find.executeQuery();
          Statement create = connection.createStatement()) {
        if (!found.next()) {
          create.execute("create database " + NAME);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the database cannot be created", e);
    }
  }

  @Override
  public Database database() {
    return new Database(
        "jdbc:postgresql://localhost:%d/%s".formatted(process.getPort(), NAME), OWNER, password);
  }

  @Override
  public void close() {
    try {
      process.close();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL does not stop", e);
    }
  }
}

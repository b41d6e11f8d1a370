package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the server: {@code AF_SERVER_URL}, else what a running one left in its home folder. */
public final class ServerAddress {

  private static final URI DEFAULT = URI.create("http://localhost:8080");

  private final Map<String, String> environment;

  public ServerAddress(Map<String, String> environment) {
    this.environment = environment;
  }

  /** A server of this machine. */
  public record Local(URI url, long pid) {}

  public URI resolve() {
    String named = environment.get("AF_SERVER_URL");
    return named == null ? local().map(Local::url).orElse(DEFAULT) : URI.create(named);
  }

  /** The server that holds the home folder, if its process lives. */
  public Optional<Local> local() {
    Path file = home().resolve("server.json");
    try {
      JsonNode address = new JsonMapper().readTree(Files.readString(file));
      Local local =
          new Local(URI.create(address.path("url").asText()), address.path("pid").asLong());
      return ProcessHandle.of(local.pid()).filter(ProcessHandle::isAlive).map(process -> local);
    } catch (java.nio.file.NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The folder {@code .agentflow}, under {@code AF_HOME} or here. */
  public Path home() {
    return Path.of(environment.getOrDefault("AF_HOME", "")).toAbsolutePath().resolve(".agentflow");
  }
}

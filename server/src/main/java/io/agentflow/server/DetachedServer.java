package io.agentflow.server;

import io.agentflow.cli.ServerAddress;
import io.agentflow.cli.ServerLauncher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts {@code af up} as a process of its own: the same Java, the same classes. */
final class DetachedServer implements ServerLauncher {

  private static final Duration START_WITHIN = Duration.ofMinutes(2);
  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(100);

  @Override
  public URI launchDetached(Path log) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      Process process =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      return awaitAddress(process, log);
    } catch (IOException e) {
      throw new UncheckedIOException("the server cannot be started", e);
    }
  }

  /** Behind {@code setsid}, where there is one, a Ctrl-C at this terminal does not reach it. */
  private static List<String> command() {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Xmx1g");
    command.addAll(launcherClass());
    command.add("up");
    return command;
  }

  /** Inside the one jar its own launcher finds our classes; elsewhere the class path does. */
  private static List<String> launcherClass() {
    String classPath = System.getProperty("java.class.path");
    return Files.isRegularFile(Path.of(classPath))
        ? List.of("org.springframework.boot.loader.launch.JarLauncher")
        : List.of(AgentFlow.class.getName());
  }

  private static URI awaitAddress(Process process, Path log) {
    ServerAddress address = new ServerAddress(System.getenv());
    long deadlineNanos = System.nanoTime() + START_WITHIN.toNanos();
    while (process.isAlive() && System.nanoTime() < deadlineNanos) {
      Optional<ServerAddress.Local> local = address.local();
      if (local.isPresent()) {
        return local.get().url();
      }
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_AFTER.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    process.destroy();
    throw new IllegalStateException("the server did not start; " + log + " says why");
  }
}

package io.agentflow.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code af down}. */
@Command(
    name = "down",
    mixinStandardHelpOptions = true,
    description = "Stop the server that runs here, and the services it started. Its data stays.")
final class DownCommand implements Callable<Integer> {

  private static final long STOP_WITHIN_SECONDS = 60;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    Console console = Console.ofProcess(spec.commandLine().getOut());
    Optional<ServerAddress.Local> local = new ServerAddress(System.getenv()).local();
    Optional<ProcessHandle> process =
        local
            .flatMap(server -> ProcessHandle.of(server.pid()))
            .filter(handle -> handle.info().command().orElse("").contains("java"));
    if (process.isEmpty()) {
      console.line("no server runs here");
      return ExitCode.OK;
    }
    process.get().destroy();
    try {
      process.get().onExit().get(STOP_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "the server (process %d) does not stop".formatted(process.get().pid()), e);
    }
    console.line("stopped");
    return ExitCode.OK;
  }
}

package io.agentflow.cli.worker;

import static io.agentflow.cli.worker.ContractServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.cli.AgentFlowCommand;
import io.agentflow.cli.worker.ContractServer.Asked;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** {@code af worker} as a process of its own, which gets signals. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class WorkerProcessTest {

  static final class Main {
    public static void main(String[] arguments) {
      System.exit(AgentFlowCommand.commandLine().execute(arguments));
    }
  }

  private static Process af(ContractServer server, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "worker",
                "--server",
                server.uri().toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  @Test
  void a_worker_that_gets_sigterm_ends_its_command_and_gives_the_step_back() throws Exception {
    try (ContractServer server = new ContractServer()) {
      server.ready("nap", "command", json("{\"run\":[\"sleep\",\"98765\"]}"));
      Process worker =
          af(server, "--name", "napper", "--allow-command", "sleep", "--grace", "0", "--poll", "1");
      BufferedReader out = worker.inputReader();
      assertThat(out.readLine()).contains("tools: [command, echo]");
      while (worker.descendants().findAny().isEmpty()) {
        Thread.sleep(10);
      }
      List<ProcessHandle> below = worker.descendants().toList();

      worker.toHandle().destroy();
      Asked answer = server.nextAnswer();
      assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();

      assertThat(answer.verb()).isEqualTo("give-back");
      assertThat(below).noneMatch(ProcessHandle::isAlive);
      assertThat(out.readLine()).startsWith("returned  nap of workflow");
      assertThat(server.asked())
          .filteredOn(asked -> asked.path().endsWith("/capabilities"))
          .extracting(Asked::body)
          .containsExactly(json("{\"capabilities\":[],\"tools\":[\"command\",\"echo\"]}"));
    }
  }

  @Test
  void a_worker_that_is_started_before_its_server_waits_for_it() throws Exception {
    try (ContractServer server = new ContractServer()) {
      server.away = true;
      Process worker = af(server, "--name", "early", "--poll", "1");
      BufferedReader out = worker.inputReader();
      assertThat(out.readLine()).startsWith("no server answers at " + server.uri());
      server.away = false;

      assertThat(out.readLine()).contains("(bot) asks for steps");
      worker.toHandle().destroy();
      assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void wrong_usage_is_told_before_anything_is_asked() throws Exception {
    try (ContractServer server = new ContractServer()) {
      Process worker = af(server, "--name", "x", "--allow-host", "http://example.com");
      String told =
          new String(
              worker.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(worker.waitFor()).isEqualTo(2);
      assertThat(told).contains("is no host");
      assertThat(server.asked()).isEmpty();
    }
  }
}

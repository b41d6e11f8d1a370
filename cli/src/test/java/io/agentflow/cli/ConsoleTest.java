package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ConsoleTest {

  private static String table(int width, List<String> headers, List<List<String>> rows) {
    StringWriter out = new StringWriter();
    new Console(new PrintWriter(out, true), true, width).table(headers, rows);
    return out.toString();
  }

  @Test
  void a_table_fits_the_terminal_by_cutting_its_last_column() {
    String printed =
        table(
            40,
            List.of("ID", "WHAT"),
            List.of(List.of("1234567890", "word ".repeat(30)), List.of("1", "short")));

    assertThat(printed.lines()).allMatch(line -> line.length() <= 40);
    assertThat(printed).contains("1234567890").contains("short").contains("…");
  }

  @Test
  void amounts_read_as_people_write_them() {
    assertThat(Console.dollars(1_381_400)).isEqualTo("$1.3814");
    assertThat(Console.count(3_302)).isEqualTo("3,302");
  }

  @Test
  void help_names_every_command_and_the_exit_codes() {
    String help = AgentFlowCommand.commandLine().getUsageMessage(CommandLine.Help.Ansi.OFF);

    assertThat(help).contains("runs", "workflows", "replay", "audit", "status", "down");
    assertThat(help).contains("Exit codes:");
  }

  @Test
  void a_command_that_does_not_exist_is_wrong_usage() {
    CommandLine commandLine = AgentFlowCommand.commandLine();
    commandLine.setErr(new PrintWriter(new StringWriter()));
    assertThat(commandLine.execute("fly")).isEqualTo(ExitCode.USAGE);
  }
}

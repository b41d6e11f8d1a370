package io.agentflow.cli.worker;

import static io.agentflow.cli.worker.ContractServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(OS.WINDOWS)
class CommandToolTest {

  private static final String PATH = "/usr/bin:/bin";
  private static final StepContext CONTEXT =
      new StepContext(Lease.of(ContractServer.lease("s", "tool")));

  @TempDir private Path workDir = Path.of("");

  /** Tests allow the shell, which an operator should think about twice. */
  private CommandTool tool() {
    return new CommandTool(
        List.of("sh", "cat", "/bin/echo", "nothing-of-this-name"), workDir, 1_000, PATH);
  }

  private static ObjectNode shell(String script) {
    return input("sh", "-c", script);
  }

  private static ObjectNode input(String... words) {
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    ArrayNode run = input.putArray("run");
    Stream.of(words).forEach(run::add);
    return input;
  }

  private StepFailed failureOf(com.fasterxml.jackson.databind.JsonNode input) {
    try {
      tool().run(input, CONTEXT);
    } catch (StepFailed e) {
      return e;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("it did not fail: " + input);
  }

  @Test
  void standard_output_is_the_result_and_arguments_pass_through_no_shell() throws Exception {
    assertThat(tool().run(input("/bin/echo", "$HOME; ls *"), CONTEXT)).isEqualTo("$HOME; ls *\n");
    assertThat(tool().run(input("cat").put("stdin", "grüße"), CONTEXT)).isEqualTo("grüße");
    assertThat(tool().run(input("cat"), CONTEXT)).isEmpty();
  }

  @Test
  void a_command_has_an_empty_folder_and_nothing_but_path_in_its_environment() throws Exception {
    assertThat(
            tool()
                .run(
                    shell("ls -A; /usr/bin/env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD="),
                    CONTEXT))
        .isEqualTo("PATH=" + PATH + "\n");
    tool().run(shell("echo x > file; mkdir -p a/b"), CONTEXT);
    try (Stream<Path> left = Files.list(workDir)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void an_exit_code_other_than_0_may_pass_and_tells_the_end_of_the_error_output() {
    StepFailed failed =
        failureOf(
            shell("i=0; while [ $i -lt 500 ]; do echo line $i >&2; i=$((i+1)); done; exit 3"));

    assertThat(failed.isRetryable()).isTrue();
    assertThat(failed)
        .message()
        .startsWith("exit 3: line ")
        .endsWith("line 499")
        .hasSizeLessThan(700);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"run\":[\"ls\"]}",
        "{\"run\":[\"/bin/sh\",\"-c\",\"true\"]}",
        "{\"run\":[\"../bin/sh\"]}",
        "{\"run\":[]}",
        "{\"run\":\"sh\"}",
        "{\"run\":[\"sh\",5]}",
        "{\"run\":[\"sh\",\"a\\u0000b\"]}",
        "{\"run\":[\"nothing-of-this-name\"]}",
        "{\"run\":[\"cat\"],\"stdin\":{}}",
        "{\"run\":[\"cat\"],\"env\":{}}"
      })
  void what_no_attempt_can_mend_fails_for_good(String input) {
    assertThat(failureOf(json(input)).isRetryable()).isFalse();
  }

  @Test
  void output_above_the_limit_fails_the_step_and_ends_the_command() {
    String mark = UUID.randomUUID().toString();
    assertThat(failureOf(shell("while :; do echo " + mark + "; done")))
        .hasMessageContaining("above 1000 bytes");
    assertThat(processesWith(mark)).isZero();
  }

  @Test
  void an_interrupt_ends_the_command_and_all_below_it() throws Exception {
    String mark = "99" + Math.abs(UUID.randomUUID().getLeastSignificantBits() % 1_000_000);
    Thread running =
        Thread.startVirtualThread(
            () ->
                assertThatThrownBy(
                        () ->
                            tool()
                                .run(
                                    shell(
                                        "sh -c 'sleep %s; true' & sleep %s; true"
                                            .formatted(mark, mark)),
                                    CONTEXT))
                    .isInstanceOf(InterruptedException.class));
    while (processesWith("sleep " + mark) < 4) {
      Thread.sleep(10);
    }
    running.interrupt();
    running.join();

    while (processesWith(mark) > 0) {
      Thread.sleep(10);
    }
    try (Stream<Path> left = Files.list(workDir)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void a_process_that_is_left_behind_holds_nobody_up() throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    assertThat(tool().run(shell("sleep 5 & echo done"), CONTEXT)).isEqualTo("done\n");
    assertThat(System.nanoTime() - startNanos).isLessThan(4_000_000_000L);
  }

  private static long processesWith(String text) {
    return ProcessHandle.allProcesses()
        .filter(ProcessHandle::isAlive)
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains(text))
        .count();
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ClientPageTest {

  private static String between(String begin, String end, String text) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  @Test
  void the_page_shows_the_lines_that_are_run() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "client.md"));
    String source = Files.readString(Path.of("src/test/java/io/agentflow/server/ClientPage.java"));
    String shown = between("```java\n", "```", page);
    String run = between("// from here\n", "    // to here", source);
    assertThat(shown).isEqualTo(run.replaceAll("(?m)^ {4}", "")).contains("AgentFlowClient.of");
  }
}

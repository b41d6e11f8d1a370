package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/bus.md} shows is what {@link BusPageIT} and {@link ConsumerInNodeIT} run. */
class BusPageTest {

  static final Path PAGE = Path.of("../docs/bus.md");

  private static final Path JAVA = Path.of("src/test/java/io/agentflow/bridge/BusPage.java");

  static String between(String begin, String end, String text) {
    assertThat(text).contains(begin);
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  @ParameterizedTest
  @ValueSource(strings = {"make", "follow", "hash"})
  void the_page_shows_the_lines_of_java_that_are_run(String part) throws IOException {
    String run =
        between("// %s: from here\n".formatted(part), "// to here", Files.readString(JAVA));

    assertThat(Files.readString(PAGE))
        .contains("```java\n" + run.stripTrailing().stripIndent() + "\n```");
  }

  @ParameterizedTest
  @ValueSource(strings = {"envelope.mjs", "make-consumer.mjs", "follow.mjs", "replay.mjs"})
  void the_page_shows_the_programs_for_node_that_are_run(String file) throws IOException {
    assertThat(Files.readString(PAGE))
        .contains("```js\n" + Files.readString(Path.of("../samples/nats-node", file)) + "```");
  }
}

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.domain.EventNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules about the repository itself. */
class TidyTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> LEFT_OUT = List.of("target", ".git", ".agentflow", ".idea");
  private static final Pattern MARKDOWN_LINK = Pattern.compile("\\[[^]]*]\\(([^)#\\s]+)[^)]*\\)");
  private static final Pattern CLASS_IN_DOCS = Pattern.compile("`([A-Z][A-Za-z]+)`");

  private static final Pattern TYPE =
      Pattern.compile("\\b(?:class|record|interface|enum) ([A-Z][A-Za-z]+)");

  private static List<Path> files() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(Files::isRegularFile)
          .filter(
              file ->
                  Stream.iterate(ROOT.relativize(file), p -> p != null, Path::getParent)
                      .noneMatch(p -> LEFT_OUT.contains(p.getFileName().toString())))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nothing_is_left_unfinished() {
    Pattern unfinished = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    assertThat(files()).noneMatch(file -> unfinished.matcher(read(file)).find());
  }

  @Test
  void every_link_in_the_documentation_leads_somewhere() {
    List<String> broken = new ArrayList<>();
    for (Path file : files()) {
      if (file.toString().endsWith(".md")) {
        Matcher link = MARKDOWN_LINK.matcher(read(file));
        while (link.find()) {
          String target = link.group(1);
          if (!target.contains("://") && !Files.exists(file.resolveSibling(target).normalize())) {
            broken.add(ROOT.relativize(file) + " -> " + target);
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void every_class_that_the_architecture_page_names_exists() {
    Set<String> types = new HashSet<>();
    for (Path file : files()) {
      if (file.toString().endsWith(".java")) {
        Matcher declared = TYPE.matcher(read(file));
        while (declared.find()) {
          types.add(declared.group(1));
        }
      }
    }
    Matcher named = CLASS_IN_DOCS.matcher(read(ROOT.resolve("docs/architecture.md")));
    List<String> names = new ArrayList<>();
    while (named.find()) {
      names.add(named.group(1));
    }
    assertThat(names).isNotEmpty();
    assertThat(types).containsAll(names);
  }

  @Test
  void every_event_is_described() {
    String described = read(ROOT.resolve("docs/events.md"));
    EventNames.byClass()
        .values()
        .forEach(name -> assertThat(described).contains("`" + name.value() + "`"));
  }

  @Test
  void every_problem_is_described() {
    String described = read(ROOT.resolve("docs/problems.md"));
    Arrays.stream(ProblemType.values())
        .forEach(
            type ->
                assertThat(described)
                    .contains("## " + type.slug())
                    .contains("Status " + type.status().value()));
  }

  @Test
  void every_pinned_version_is_explained() {
    String explained = read(ROOT.resolve("docs/dependencies.md"));
    Matcher pinned =
        Pattern.compile("<([a-z0-9.-]+)\\.version>").matcher(read(ROOT.resolve("pom.xml")));
    while (pinned.find()) {
      if (!pinned.group(1).equals("java")) {
        assertThat(explained).contains("`" + pinned.group(1) + "`");
      }
    }
  }

  @Test
  void decisions_are_numbered_without_gap_or_collision() throws IOException {
    try (Stream<Path> decisions = Files.list(ROOT.resolve("docs/decisions"))) {
      List<String> numbers =
          decisions.map(file -> file.getFileName().toString().substring(0, 4)).sorted().toList();
      for (int i = 0; i < numbers.size(); i++) {
        assertThat(numbers.get(i)).isEqualTo("%04d".formatted(i + 1));
      }
    }
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.freva.asciitable.AsciiTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * @param setting what the figures depend on: sizes, counts
 */
record Result(
    String benchmark,
    Map<String, Object> machine,
    Map<String, String> postgres,
    Map<String, Object> setting,
    List<Figure> figures,
    List<Target> targets) {

  void print() {
    System.out.printf("%n%s  %s%n%s%n%n", benchmark, setting, machine);
    System.out.println(
        AsciiTable.getTable(
            AsciiTable.NO_BORDERS,
            new String[] {
              "", "CLIENTS", "PER SECOND", "P50 MS", "P95 MS", "P99 MS", "P99.9 MS", "MAX MS"
            },
            null,
            figures.stream()
                .map(
                    figure ->
                        new String[] {
                          figure.name(),
                          Integer.toString(figure.clients()),
                          String.format(Locale.ROOT, "%,d", figure.perSecond()),
                          millis(figure.p50Micros()),
                          millis(figure.p95Micros()),
                          millis(figure.p99Micros()),
                          millis(figure.p999Micros()),
                          millis(figure.maxMicros())
                        })
                .toArray(String[][]::new)));
    System.out.println();
    List<Figure> watched =
        figures.stream().filter(figure -> !figure.cpuMicrosPerUnit().isEmpty()).toList();
    if (!watched.isEmpty()) {
      System.out.println(
          AsciiTable.getTable(
              AsciiTable.NO_BORDERS,
              new String[] {"", "CLIENTS", "CPU µS EACH", "OF THAT"},
              null,
              watched.stream()
                  .map(
                      figure ->
                          new String[] {
                            figure.name(),
                            Integer.toString(figure.clients()),
                            Long.toString(figure.cpuMicrosPerUnitOfAll()),
                            figure.cpuMicrosPerUnit().toString()
                          })
                  .toArray(String[][]::new)));
      System.out.println();
    }
    if (!targets.isEmpty()) {
      System.out.println(
          AsciiTable.getTable(
              AsciiTable.NO_BORDERS,
              new String[] {"TARGET", "REACHED", "TO REACH", ""},
              null,
              targets.stream()
                  .map(
                      target ->
                          new String[] {
                            target.what(),
                            number(target.reached()) + " " + target.unit(),
                            (target.atLeast() ? "≥ " : "≤ ") + number(target.limit()),
                            target.isMet() ? "met" : "NOT MET"
                          })
                  .toArray(String[][]::new)));
    }
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, "%.2f", micros / 1_000.0);
  }

  private static String number(double value) {
    return value >= 1_000
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }

  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(benchmark + ".json");
    Files.writeString(
        file,
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(this)
            + "\n");
    System.out.println("written to " + file);
  }
}

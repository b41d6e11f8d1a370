package io.agentflow.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Help.Ansi;

/** What people see: tables that fit, numbers one can read, progress on a terminal alone. */
public final class Console {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int WIDTH_WHEN_PIPED = 160;
  private static final int COLUMN_WIDTH_MIN = 6;
  private static final int REFRESH_MILLIS = 200;

  private final PrintWriter out;
  private final boolean terminal;
  private final int width;

  /**
   * A console.
   *
   * @param terminal whether a person looks at it
   * @param width columns that a table may take
   */
  public Console(PrintWriter out, boolean terminal, int width) {
    this.out = out;
    this.terminal = terminal;
    this.width = width;
  }

  /** The console of this process: the launcher says by {@code AF_COLUMNS} how wide it is. */
  public static Console ofProcess(PrintWriter out) {
    String columns = System.getenv("AF_COLUMNS");
    boolean terminal = columns != null;
    return new Console(out, terminal, terminal ? Integer.parseInt(columns) : WIDTH_WHEN_PIPED);
  }

  public void json(JsonNode node) {
    try {
      out.println(JSON.writeValueAsString(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  public void line(String text) {
    out.println(text);
  }

  /** A line with picocli's mark-up, for example {@code @|bold …|@}; plain when piped. */
  public void styled(String markup) {
    out.println(Ansi.AUTO.string(markup));
  }

  /** Text that stands out where a person looks at a terminal; as it is when piped. */
  public String standingOut(String text) {
    return Ansi.AUTO.enabled()
        ? Ansi.Style.bold.on() + Ansi.Style.fg_yellow.on() + text + Ansi.Style.reset.on()
        : text;
  }

  /** A table; the last column gives way where the terminal is narrow. */
  public void table(List<String> headers, List<List<String>> rows) {
    int[] widths = widths(headers, rows);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < headers.size(); i++) {
      int column = i;
      boolean numbers =
          !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column).matches("[-$0-9.,]+"));
      columns.add(
          new Column()
              .header(headers.get(i))
              .headerAlign(HorizontalAlign.LEFT)
              .dataAlign(numbers ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT)
              .maxWidth(widths[i], OverflowBehaviour.ELLIPSIS_RIGHT));
    }
    out.println(
        AsciiTable.builder()
            .border(AsciiTable.NO_BORDERS)
            .data(
                columns.toArray(Column[]::new),
                rows.stream().map(row -> row.toArray(String[]::new)).toArray(String[][]::new))
            .asString());
  }

  private int[] widths(List<String> headers, List<List<String>> rows) {
    int[] widths =
        IntStream.range(0, headers.size())
            .map(
                column ->
                    rows.stream()
                            .mapToInt(row -> row.get(column).length())
                            .reduce(headers.get(column).length(), Math::max)
                        + 2)
            .toArray();
    int last = widths.length - 1;
    int others = IntStream.of(widths).limit(last).sum();
    widths[last] = Math.max(COLUMN_WIDTH_MIN, Math.min(widths[last], width - others));
    return widths;
  }

  /** A progress bar on the error stream, where a person looks; else a silent one. */
  public ProgressBar progress(String task, long steps) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(steps)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(REFRESH_MILLIS)
        .setConsumer(
            terminal
                ? new me.tongfei.progressbar.ConsoleProgressBarConsumer(System.err, width)
                : new SilentProgress())
        .build();
  }

  /** Micro-dollars as dollars. */
  public static String dollars(long microDollars) {
    return String.format(Locale.ROOT, "$%,.4f", microDollars / 1e6);
  }

  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Text on one line. */
  public static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  private static final class SilentProgress implements me.tongfei.progressbar.ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      return 0;
    }

    @Override
    public void accept(String rendered) {}

    @Override
    public void close() {}
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.util.FileSystemUtils;

/**
 * Reading histories over HTTP: pages, states at any point, and what another rule would have decided
 * in many of them.
 */
final class HistoryBench {

  private static final int[] EVENTS = {10, 1_000, 10_000};
  private static final int[] EVENTS_QUICK = {10, 100, 600};
  private static final int RUNS = 10_000;
  private static final int RUNS_QUICK = 100;
  private static final int PAGE = 500;
  private static final String CONTENT = "x".repeat(200);

  /** The project does not ship the first; without it the runs that it does ship are recorded. */
  private static final List<String> RECORDED =
      List.of("../shared/data/agent-runs/airline-gpt-4o.jsonl", "samples/support-runs.jsonl");

  /** A rule that says something of everything, so that all of it is judged. */
  private static final String WHAT_IF =
      """
      {"since":"1","rule":{"autonomy":"approve_all","policy":{"deniedTools":["cancel_order",
       "cancel_reservation"]},"prices":{"others":3000000},"budget":{"tokens":4000}}}""";

  private final Http http;

  private HistoryBench(Http http) {
    this.http = http;
  }

  static Result run(Effort effort) throws Exception {
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path folder =
        Files.createTempDirectory(Files.createDirectories(root.resolve("bench/target")), "history");
    try (OurServer server = OurServer.unlimited(root, folder, Map.of())) {
      HistoryBench histories = new HistoryBench(server.http());
      Map<String, Object> setting = new TreeMap<>();
      int runs = effort.isQuick() ? RUNS_QUICK : RUNS;
      setting.put("runs", runs);
      setting.put("runsFrom", importRuns(root, folder, runs));
      setting.put("eventsOfRuns", histories.position());
      setting.put("contentBytes", CONTENT.length());
      setting.put("pageEntries", PAGE);

      Contest contest = new Contest(effort);
      for (int events : effort.isQuick() ? EVENTS_QUICK : EVENTS) {
        String id = histories.record(events);
        List<Long> positions = histories.positions(id);
        contest
            .with(first(events), 1, () -> histories.firstPage(id))
            .with("all pages of " + events + " events", 1, () -> histories.positions(id))
            .with(head(events), 1, () -> histories.state(id, positions.getLast()))
            .with(random(events), 1, () -> histories.state(id, any(positions)));
      }
      String judged = "what-if over " + runs + " runs";
      contest.once(judged, runs, () -> setting.put("resultBytes", histories.whatIf(runs)));
      List<Figure> all = new ArrayList<>(contest.run());
      Figures figures = new Figures(all);
      int most = effort.isQuick() ? EVENTS_QUICK[2] : EVENTS[2];
      return new Result(
          "history",
          Machine.describe(),
          Machine.postgres(server.database()),
          setting,
          all,
          List.of(
              Target.atMost(
                  "p95 of the " + head(most),
                  figures.of(head(most), 1).p95Micros() / 1e3,
                  100,
                  "ms"),
              Target.atMost(
                  "p95 of the " + random(most),
                  figures.of(random(most), 1).p95Micros() / 1e3,
                  100,
                  "ms"),
              Target.atMost(judged, figures.of(judged, 1).maxMicros() / 1e6, 60, "s")));
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private static String first(int events) {
    return "first page of " + events + " events";
  }

  private static String head(int events) {
    return "state at the head of " + events + " events";
  }

  private static String random(int events) {
    return "state at any point of " + events + " events";
  }

  private static long any(List<Long> positions) {
    return positions.get(ThreadLocalRandom.current().nextInt(positions.size()));
  }

  /** Records runs as {@code af runs import} does, each of them often, as trials of their tasks. */
  private static String importRuns(Path root, Path folder, int runs)
      throws IOException, InterruptedException {
    Path recorded =
        RECORDED.stream().map(root::resolve).filter(Files::exists).findFirst().orElseThrow();
    List<String> lines = Files.readAllLines(recorded);
    Path many = folder.resolve("runs.jsonl");
    try (BufferedWriter out = Files.newBufferedWriter(many)) {
      for (int run = 0; run < runs; run++) {
        ObjectNode line = (ObjectNode) CanonicalJson.parse(lines.get(run % lines.size()));
        out.write(line.put("trial", 1_000 + run).toString());
        out.newLine();
      }
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            root.resolve("af").toString(),
            "runs",
            "import",
            many.toString(),
            "--concurrency",
            "32");
    builder.environment().put("AF_HOME", folder.toString());
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("import.log").toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(folder.resolve("import.log")));
    }
    return recorded.getFileName().toString();
  }

  private long position() throws IOException {
    return json("/v1/status").path("log").path("position").asLong();
  }

  private JsonNode json(String path) throws IOException {
    return CanonicalJson.parse(http.get(path).body());
  }

  /** A run of so many events: messages, and now and then a call and its result. */
  private String record(int events) throws IOException {
    String id = UuidCreator.getTimeOrderedEpochFast().toString();
    String workflow = "/v1/workflows/" + id;
    http.post(
        "/v1/workflows", "{\"workflowId\":\"%s\",\"name\":\"n\",\"intent\":\"i\"}".formatted(id));
    http.post(workflow + "/start", "{}");
    for (int event = 2; event < events; event++) {
      if (event % 10 == 8 && event + 1 < events) {
        http.post(
            workflow + "/tool-calls",
            "{\"callId\":\"c%d\",\"agentId\":\"%s\",\"tool\":\"t\",\"arguments\":\"%s\"}"
                .formatted(event, id, CONTENT));
        event++;
        http.post(
            workflow + "/tool-results",
            "{\"callId\":\"c%d\",\"result\":\"%s\"}".formatted(event - 1, CONTENT));
      } else {
        http.post(
            workflow + "/messages",
            ("{\"messageId\":\"m%d\",\"role\":\"user\",\"from\":\"a\",\"to\":\"b\","
                    + "\"content\":\"%s\",\"tokens\":50,\"microDollars\":500}")
                .formatted(event, CONTENT));
      }
    }
    return id;
  }

  private void firstPage(String id) throws IOException {
    http.get("/v1/workflows/%s/history?limit=%d".formatted(id, PAGE));
  }

  /** Where all entries stand, page by page. */
  private List<Long> positions(String id) throws IOException {
    List<Long> positions = new ArrayList<>();
    String cursor = "";
    while (true) {
      JsonNode page = json("/v1/workflows/%s/history?limit=%d%s".formatted(id, PAGE, cursor));
      page.path("items").forEach(item -> positions.add(item.path("position").asLong()));
      if (page.path("nextCursor").isNull()) {
        return positions;
      }
      cursor = "&cursor=" + page.path("nextCursor").asText();
    }
  }

  private void state(String id, long position) throws IOException {
    http.get("/v1/workflows/%s/state?at=%d".formatted(id, position));
  }

  /** From the question to the whole answer; its length. */
  private long whatIf(int runs) throws IOException {
    String path =
        "/v1/what-ifs/"
            + CanonicalJson.parse(http.post("/v1/what-ifs", WHAT_IF).body()).path("id").asText();
    JsonNode state = json(path + "?waitMillis=60000");
    while (state.path("status").asText().equals("running")) {
      state = json(path + "?waitMillis=60000");
    }
    String document = http.get(path + "/result").body();
    if (!state.path("status").asText().equals("completed")
        || state.path("done").asLong() < runs
        || !document.contains("\"runs\":" + state.path("done").asLong())) {
      throw new IllegalStateException(state.toString());
    }
    return document.length();
  }
}

package io.agentflow.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.util.FileSystemUtils;

/**
 * A table of a long log is built again, compared and switched to, there and back, while a server
 * goes on reading and deciding.
 */
final class RebuildBench {

  private static final long ENTRIES = 1_000_000;
  private static final long ENTRIES_QUICK = 10_000;
  private static final int SWITCHES = 10;
  private static final int COMMANDS_PER_SECOND = 100;
  private static final String PROJECTION = "/v1/projections/workflows";

  private final Http http;
  private final AtomicBoolean going = new AtomicBoolean(true);

  private RebuildBench(Http http) {
    this.http = http;
  }

  static Result run(Effort effort) throws Exception {
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path folder =
        Files.createTempDirectory(Files.createDirectories(root.resolve("bench/target")), "rebuild");
    long entries = effort.isQuick() ? ENTRIES_QUICK : ENTRIES;
    try (OurServer server = OurServer.start(root, folder)) {
      try (WorkflowsLog log = new WorkflowsLog(server.database())) {
        log.fill(entries);
      }
      return new RebuildBench(server.http()).measure(server, entries);
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private Result measure(OurServer server, long entries) throws Exception {
    awaitLag("lagEvents");
    List<Figure> figures = new ArrayList<>();
    long longestSwitchMicros = 0;
    long different;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Figure> load = threads.submit(this::load);
      try {
        figures.add(
            Figure.of(
                "rebuild under load",
                1,
                1,
                Load.once(
                    entries,
                    () -> {
                      http.post(PROJECTION + "/rebuild", "{}");
                      awaitLag("copy");
                    })));
        different = json(http.get(PROJECTION + "/diff")).path("different").asLong();
        for (int i = 0; i < SWITCHES; i++) {
          JsonNode switched =
              json(http.post(PROJECTION + (i % 2 == 0 ? "/switch" : "/rollback"), "{}"));
          longestSwitchMicros =
              Math.max(longestSwitchMicros, switched.path("lockedMicros").asLong());
          TimeUnit.MILLISECONDS.sleep(500);
        }
      } finally {
        going.set(false);
      }
      figures.add(load.get());
    }
    return new Result(
        "rebuild",
        Machine.describe(),
        Machine.postgres(server.database()),
        Map.of("entries", entries, "switches", SWITCHES, "commandsPerSecond", COMMANDS_PER_SECOND),
        figures,
        List.of(
            Target.atMost("requests that failed", (double) http.unavailable(), 0, "requests"),
            Target.atMost("rows that differ", (double) different, 0, "rows"),
            Target.atMost("the longest switch", longestSwitchMicros / 1_000.0, 100, "ms")));
  }

  /** Until the projection, or its copy, has passed the whole log. */
  private void awaitLag(String what) throws IOException, InterruptedException {
    JsonNode standing = json(http.get(PROJECTION));
    while (standing.path("position").asLong() == 0 || lag(standing, what) > COMMANDS_PER_SECOND) {
      TimeUnit.MILLISECONDS.sleep(20);
      standing = json(http.get(PROJECTION));
    }
  }

  private static long lag(JsonNode standing, String what) {
    return what.equals("copy")
        ? standing.path("copy").path("lagEvents").asLong()
        : standing.path(what).asLong();
  }

  private static JsonNode json(Http.Answer answer) {
    return CanonicalJson.parse(answer.body());
  }

  /** Commands at a steady rate, each read back, and a list beside it. */
  private Figure load() throws InterruptedException, ExecutionException {
    List<Load.Measured> measured = new ArrayList<>();
    while (going.get()) {
      measured.add(Load.paced(COMMANDS_PER_SECOND, Duration.ofSeconds(2), this::writeAndRead));
    }
    return Figure.of("a command and two reads, meanwhile", 1, 1, measured.getLast());
  }

  private void writeAndRead() throws IOException {
    String id = UuidCreator.getTimeOrderedEpochFast().toString();
    String position =
        http.post(
                "/v1/workflows",
                "{\"workflowId\":\"%s\",\"name\":\"load\",\"intent\":\"i\"}".formatted(id))
            .header("AF-Position");
    http.get("/v1/workflows/" + id, "AF-Consistent-With", position);
    http.get("/v1/workflows?limit=20");
  }
}

package io.agentflow.bench;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.AggregateCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.util.FileSystemUtils;

/**
 * Commands over HTTP, with a token, beside the same engine in process; and whether who reads at
 * once what he wrote ever finds it missing.
 */
final class HttpBench {

  private static final int MANY = 64;
  private static final long PAIRS = 100_000;
  private static final long PAIRS_QUICK = 100;
  private static final int WARM_UP_COMMANDS = 60_000;
  private static final String WORKFLOW =
      "{\"workflowId\":\"%s\",\"name\":\"bench\",\"intent\":\"" + "x".repeat(120) + "\"}";

  private final Http http;

  private HttpBench(Http http) {
    this.http = http;
  }

  static Result run(Effort effort) throws Exception {
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path folder =
        Files.createTempDirectory(Files.createDirectories(root.resolve("bench/target")), "http");
    try (OurServer server = OurServer.unlimited(root, folder, Map.of());
        CommandsBench.Node inProcess = CommandsBench.Node.agentFlow(new AggregateCache(10_000))) {
      HttpBench commands = new HttpBench(server.http());
      for (long done = 0; done < (effort.isQuick() ? MANY : WARM_UP_COMMANDS); ) {
        done += Load.run(MANY, effort.warmUp(), commands::create).works();
      }
      Processes ours = server.processes();
      Contest contest = new Contest(effort);
      for (int connections : new int[] {1, 16, MANY, 256}) {
        contest.with("create, over HTTP", connections, 1, commands::create, ours);
      }
      List<Figure> all =
          new ArrayList<>(
              contest
                  .with("create under a key, over HTTP", MANY, 1, commands::createOnce, ours)
                  .with("create, in process", MANY, inProcess::create)
                  .run());
      all.add(pairs(effort.isQuick() ? PAIRS_QUICK : PAIRS, commands));
      Figure many = new Figures(all).of("create, over HTTP", MANY);
      return new Result(
          "http",
          Machine.describe(),
          Machine.postgres(server.database()),
          Map.of("bodyBytes", WORKFLOW.length() + 34, "limits", "lifted"),
          all,
          List.of(
              Target.atLeast(
                  "commands/s over HTTP, " + MANY + " connections",
                  (double) many.perSecond(),
                  5_000,
                  "/s"),
              Target.atMost(
                  "p99 of a command over HTTP, " + MANY + " connections",
                  many.p99Micros() / 1_000.0,
                  50,
                  "ms")));
    } finally {
      FileSystemUtils.deleteRecursively(folder);
    }
  }

  private static String newId() {
    return UuidCreator.getTimeOrderedEpochFast().toString();
  }

  private void create() throws IOException {
    http.post("/v1/workflows", WORKFLOW.formatted(newId()));
  }

  private void createOnce() throws IOException {
    String id = newId();
    http.post("/v1/workflows", WORKFLOW.formatted(id), "Idempotency-Key", id);
  }

  /** A workflow that is not found fails the benchmark: a refusal ends it. */
  private void createAndRead() throws IOException {
    String id = newId();
    String position = http.post("/v1/workflows", WORKFLOW.formatted(id)).header("AF-Position");
    http.get("/v1/workflows/" + id, "AF-Consistent-With", position);
  }

  private static Figure pairs(long wanted, HttpBench commands) throws Exception {
    return Figure.of(
        "create and read at once, over HTTP",
        MANY,
        1,
        Load.runTimes(MANY, wanted, commands::createAndRead));
  }
}

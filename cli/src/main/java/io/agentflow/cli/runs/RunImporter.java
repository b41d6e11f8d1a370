package io.agentflow.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.cli.ApiClient;
import io.agentflow.cli.runs.ImportReport.SkippedLine;
import io.agentflow.cli.runs.RecordedRun.Step;
import io.agentflow.cli.runs.TokenPrices.Cost;
import io.agentflow.client.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Drives recorded runs through the command API: each run a workflow, its assistant an agent, each
 * message and tool call an event, each run's cost charged to a slice of one budget.
 *
 * <p>Every id is derived from the tenant and the run's content, so that the same run imported
 * twice, or imported again after a crash, records nothing twice. What ends the workflow is sent
 * last: a workflow that is over was imported whole.
 */
public final class RunImporter {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String BUDGET_NAME = "imported runs";
  private static final String RESERVATION = "run";

  /** Far above what can be imported; what a run spends is limited by its slice. */
  private static final long BUDGET_LIMIT = 1_000_000_000_000_000L;

  private final ApiClient api;
  private final String tenant;
  private final String agentName;
  private final TokenPrices prices;
  private final int concurrency;
  private final AtomicLong imported = new AtomicLong();
  private final AtomicLong alreadyImported = new AtomicLong();
  private final AtomicLong commands = new AtomicLong();
  private final AtomicLong tokens = new AtomicLong();
  private final AtomicLong microDollars = new AtomicLong();
  private final AtomicLong lastPosition = new AtomicLong();
  private final ConcurrentLinkedQueue<SkippedLine> skipped = new ConcurrentLinkedQueue<>();

  /**
   * An importer for one import.
   *
   * @param tenant goes into every id, so that tenants do not meet
   * @param concurrency how many runs are under way at a time, at least 1
   */
  public RunImporter(
      ApiClient api, String tenant, String agentName, TokenPrices prices, int concurrency) {
    this.api = api.readingAtOnce();
    this.tenant = tenant;
    this.agentName = agentName;
    this.prices = prices;
    this.concurrency = concurrency;
  }

  /**
   * Imports a file. A line that is no run, or that the server refuses, is skipped and reported; the
   * rest is imported.
   *
   * @param bytesRead takes how far the file is read
   * @throws IOException when the file cannot be read
   * @throws io.agentflow.client.ServerUnreachable when the server is gone; import again to go on
   */
  public ImportReport importFile(Path file, LongConsumer bytesRead) throws IOException {
    long startNanos = System.nanoTime();
    String budgetId = openBudget();
    String agentId = registerAgent();
    long runs = 0;
    Semaphore underWay = new Semaphore(concurrency);
    List<Future<?>> futures = new ArrayList<>();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
        LineReader lines = new LineReader(file)) {
      byte[] line = lines.next();
      while (line != null) {
        long number = lines.number();
        byte[] bytes = line;
        if (!isBlank(bytes)) {
          runs++;
          underWay.acquireUninterruptibly();
          futures.add(
              workers.submit(
                  () -> {
                    try {
                      importLine(number, bytes, budgetId, agentId);
                    } finally {
                      underWay.release();
                    }
                  }));
        }
        failFast(futures);
        bytesRead.accept(lines.bytesRead());
        line = lines.next();
      }
      for (Future<?> future : futures) {
        resultOf(future);
      }
    }
    return new ImportReport(
        runs,
        imported.get(),
        alreadyImported.get(),
        commands.get(),
        tokens.get(),
        microDollars.get(),
        skipped.stream().sorted(Comparator.comparingLong(SkippedLine::line)).toList(),
        lastPosition.get(),
        (System.nanoTime() - startNanos) / 1_000_000);
  }

  /** Does not go on reading for minutes when the server is gone. */
  private static void failFast(List<Future<?>> futures) {
    futures.removeIf(
        future -> {
          if (future.isDone()) {
            resultOf(future);
            return true;
          }
          return false;
        });
  }

  private static void resultOf(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static boolean isBlank(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).isBlank();
  }

  private void importLine(long number, byte[] bytes, String budgetId, String agentId) {
    try {
      if (bytes.length > LineReader.LINE_BYTES_MAX) {
        throw new InvalidRun(
            "the line is longer than %d bytes".formatted(LineReader.LINE_BYTES_MAX));
      }
      importRun(RunParser.parse(decoded(bytes)), budgetId, agentId);
    } catch (InvalidRun e) {
      skipped.add(new SkippedLine(number, String.valueOf(e.getMessage())));
    } catch (CharacterCodingException e) {
      skipped.add(new SkippedLine(number, "the line is not UTF-8"));
    } catch (Refusal e) {
      skipped.add(new SkippedLine(number, "refused: " + e.getMessage()));
    }
  }

  private static String decoded(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes))
        .toString();
  }

  private String openBudget() {
    String budgetId = id("budget");
    command(
        "/v1/budgets",
        JSON.objectNode()
            .put("budgetId", budgetId)
            .put("name", BUDGET_NAME)
            .put("limitTokens", BUDGET_LIMIT)
            .put("limitMicroDollars", BUDGET_LIMIT));
    return budgetId;
  }

  private String registerAgent() {
    String agentId = id("agent", agentName);
    command(
        "/v1/agents",
        JSON.objectNode().put("agentId", agentId).put("name", agentName).put("role", "assistant"));
    return agentId;
  }

  private void importRun(RecordedRun run, String budgetId, String agentId) {
    String workflowId = id("workflow", run.digest());
    Cost cost = prices.of(run);
    if (isOver(workflowId)) {
      alreadyImported.incrementAndGet();
    } else {
      record(run, workflowId, budgetId, agentId, cost);
      imported.incrementAndGet();
    }
    tokens.addAndGet(cost.tokens());
    microDollars.addAndGet(cost.microDollars());
  }

  private boolean isOver(String workflowId) {
    try {
      String status = api.get("/v1/workflows/" + workflowId).path("status").asText();
      return status.equals("completed") || status.equals("failed");
    } catch (Refusal e) {
      if (e.type().equals("/problems/not-found")) {
        return false;
      }
      throw e;
    }
  }

  private void record(
      RecordedRun run, String workflowId, String budgetId, String agentId, Cost cost) {
    String sliceId = id("slice", run.digest());
    String workflow = "/v1/workflows/" + workflowId;
    String slice = "/v1/budgets/" + sliceId;
    String name = "task %s, trial %s".formatted(run.taskId(), run.trial());
    command(
        "/v1/budgets/" + budgetId + "/allocations",
        withCost(
            JSON.objectNode()
                .put("sliceId", sliceId)
                .put("name", name)
                .put("workflowId", workflowId),
            cost));
    ObjectNode create =
        JSON.objectNode()
            .put("workflowId", workflowId)
            .put("name", name)
            .put("intent", run.intent())
            .put("agentId", agentId)
            .put("budgetId", sliceId);
    create
        .putObject("labels")
        .put("task_id", run.taskId())
        .put("trial", run.trial())
        .put("reward", Double.toString(run.reward()))
        .put("user_cost_micro_dollars", Long.toString(run.userCostMicroDollars()));
    command("/v1/workflows", create);
    command(workflow + "/start", JSON.objectNode());
    command(
        slice + "/reservations",
        withCost(JSON.objectNode().put("reservationId", RESERVATION), cost));
    int number = 0;
    for (Step step : run.steps()) {
      record(step, number++, workflow, agentId);
    }
    command(slice + "/reservations/" + RESERVATION + "/settle", withCost(JSON.objectNode(), cost));
    if (run.isSuccessful()) {
      command(workflow + "/complete", JSON.objectNode().put("result", "reward " + run.reward()));
    } else {
      command(
          workflow + "/fail",
          JSON.objectNode()
              .put(
                  "reason",
                  "the run did not reach the expected end state: reward " + run.reward()));
    }
  }

  private void record(Step step, int number, String workflow, String agentId) {
    Cost cost = prices.of(step);
    switch (step) {
      case Step.Message message ->
          command(
              workflow + "/messages",
              withCost(
                  JSON.objectNode()
                      .put("messageId", "step-" + number)
                      .put("role", message.role())
                      .put("from", message.isOutput() ? agentName : message.role())
                      .put("to", message.isOutput() ? "user" : agentName)
                      .put("content", message.content()),
                  cost));
      case Step.ToolCall call ->
          command(
              workflow + "/tool-calls",
              withCost(
                  JSON.objectNode()
                      .put("callId", call.callId())
                      .put("agentId", agentId)
                      .put("tool", call.tool())
                      .put("arguments", call.arguments()),
                  cost));
      case Step.ToolResult result ->
          command(
              workflow + "/tool-results",
              withCost(
                  JSON.objectNode().put("callId", result.callId()).put("result", result.result()),
                  cost));
    }
  }

  private static ObjectNode withCost(ObjectNode body, Cost cost) {
    return body.put("tokens", cost.tokens()).put("microDollars", cost.microDollars());
  }

  private void command(String path, JsonNode body) {
    long position = api.postRepeatable(path, body).path("position").asLong();
    commands.incrementAndGet();
    lastPosition.accumulateAndGet(position, Math::max);
  }

  /** The same words give the same id (UUIDv5, RFC 9562), for ever. */
  private String id(String... words) {
    return UuidCreator.getNameBasedSha1(
            UuidCreator.getNameBasedSha1("agentflow:imported-runs"),
            tenant + "/" + String.join("/", words))
        .toString();
  }
}

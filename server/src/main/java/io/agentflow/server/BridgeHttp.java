package io.agentflow.server;

import io.agentflow.application.intake.Busy;
import io.agentflow.application.intake.JsonLines;
import io.agentflow.application.intake.OneAtATime;
import io.agentflow.application.port.BusUnavailable;
import io.agentflow.bridge.BridgeLoop;
import io.agentflow.bridge.BridgeStatus;
import io.agentflow.bridge.BusFailure;
import io.agentflow.bridge.Mirror;
import io.agentflow.bridge.MirrorRepairs;
import io.agentflow.bridge.MirrorVerification;
import io.agentflow.bridge.MirrorVerification.Progress;
import io.agentflow.domain.InvalidField;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import tools.jackson.databind.json.JsonMapper;

/** {@code /v1/bridge}: how the mirror on NATS stands, whether it is exact, and its repair. */
@RestController
@RequestMapping("/v1/bridge")
class BridgeHttp {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration BETWEEN_LINES = Duration.ofMillis(250);
  private static final int EXAMPLES_MAX = 1_000;
  private static final String EXAMPLES = "20";

  private final BridgeLoop bridge;
  private final Mirror mirror;
  private final MirrorRepairs repairs;
  private final JsonMapper json;
  private final OneAtATime verifications = new OneAtATime("a verification of the mirror", PATIENCE);

  BridgeHttp(BridgeLoop bridge, Mirror mirror, MirrorRepairs repairs, JsonMapper json) {
    this.bridge = bridge;
    this.mirror = mirror;
    this.repairs = repairs;
    this.json = json;
  }

  /** Tells how far each stream is published, by this node or another, and what NATS says of it. */
  @GetMapping
  BridgeStatus getBridge() {
    return bridge.status();
  }

  /**
   * Holds the streams against the log, message by message, while everything goes on. With {@code
   * Accept: application/x-ndjson} lines tell how far it is, before the line that has the answer.
   *
   * @param stream only this one
   * @param examples so many findings of each kind are named, 0 to 1,000; all are counted
   */
  @GetMapping("/verification")
  MirrorVerification verifyMirror(
      @RequestParam(required = false) @Nullable String stream,
      @RequestParam(defaultValue = EXAMPLES) int examples) {
    List<String> streams = streams(stream);
    check(examples);
    return verifications.get(() -> verify(streams, examples, Progress.NONE));
  }

  /** The same, with lines that tell how far it is before the line that has the answer. */
  @GetMapping(path = "/verification", produces = JsonLines.MEDIA_TYPE)
  void verifyMirrorAndTell(
      @RequestParam(required = false) @Nullable String stream,
      @RequestParam(defaultValue = EXAMPLES) int examples,
      HttpServletResponse response) {
    List<String> streams = streams(stream);
    check(examples);
    verifications.run(
        () ->
            JsonLines.answer(
                response,
                json,
                lines ->
                    lines.write(
                        "verification", verify(streams, examples, new ProgressLines(lines)))));
  }

  private MirrorVerification verify(List<String> streams, int examples, Progress progress) {
    try {
      return mirror.verify(streams, examples, progress);
    } catch (BusFailure e) {
      throw new BusUnavailable(String.valueOf(e.getMessage()), e);
    }
  }

  private static void check(int examples) {
    if (examples < 0 || examples > EXAMPLES_MAX) {
      throw new InvalidField("examples", "must be 0 to " + EXAMPLES_MAX + ", not " + examples);
    }
  }

  private static List<String> streams(@Nullable String stream) {
    List<String> all = Mirror.streams();
    if (stream == null) {
      return all;
    }
    if (!all.contains(stream)) {
      throw new InvalidField("stream", "must be one of %s, not %s".formatted(all, stream));
    }
    return List.of(stream);
  }

  /**
   * What is to be repaired.
   *
   * @param stream only this one; without it, all
   */
  record RepairRequest(@Nullable String stream) {}

  /**
   * Begins to make streams exact: what does not belong there is deleted, what is missing is
   * published, and where order demands it a stream is built anew from the first fault on. The
   * bridge does not publish a stream while that is repaired; commands are taken as ever.
   */
  @PostMapping("/repairs")
  @ResponseStatus(HttpStatus.ACCEPTED)
  MirrorRepairs.Standing repairMirror(@RequestBody RepairRequest request) {
    return repairs
        .begin(streams(request.stream()))
        .orElseThrow(() -> new Busy("a repair of the mirror"));
  }

  /** Shows how far a repair is. */
  @GetMapping("/repairs/{repairId}")
  MirrorRepairs.Standing getRepair(@PathVariable String repairId) {
    return repairs
        .find(repairId)
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.NOT_FOUND,
                    ("there is no repair %s here: the node that began it tells of it for %d minutes"
                            + " after its end; verify the mirror, and repair again what is not exact")
                        .formatted(repairId, MirrorRepairs.KEPT_FOR.toMinutes())));
  }

  /** Tells progress to a client, at most four times a second. */
  private static final class ProgressLines implements Progress {
    private final JsonLines lines;
    private long toldAtNanos = System.nanoTime() - BETWEEN_LINES.toNanos();

    ProgressLines(JsonLines lines) {
      this.lines = lines;
    }

    /** How far it is. */
    record Reached(String stream, long messages, long total) {}

    @Override
    public void reached(String stream, String phase, long done, long total) {
      long nowNanos = System.nanoTime();
      if (total > 0 && nowNanos - toldAtNanos >= BETWEEN_LINES.toNanos()) {
        toldAtNanos = nowNanos;
        lines.write("progress", new Reached(stream, done, total));
      }
    }
  }
}

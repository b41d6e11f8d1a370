package io.agentflow.application.replay;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.replay.ReplayJob.Asked;
import io.agentflow.application.replay.ReplayJob.Progress;
import io.agentflow.application.replay.ReplayProblems.NoReplay;
import io.agentflow.application.replay.ReplayProblems.ReplayOver;
import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Moment;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/replays}: histories, published on NATS again, as jobs of this node. */
@RestController
@RequestMapping("/v1/replays")
class ReplayHttp {

  private static final String NO_WAIT = "0";
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private final Replays replays;

  ReplayHttp(Replays replays) {
    this.replays = replays;
  }

  /**
   * What to publish again: a workflow's history, or what the tenant did since then, or both.
   *
   * @param replayId asked for again under the same id, it is the same replay; one is made up where
   *     none is sent
   * @param since a position of the log, or a time: what stands there or behind
   * @param until a position of the log, or a time: nothing that stands behind
   * @param speed `max`, `original`, or a factor such as `10x`; `max` where none is sent
   * @param to one subject for all of it, `af.<tenant>.replay.<name>`; without it each message has
   *     its own, under `af.<tenant>.replay.<replayId>`
   */
  record ReplayRequest(
      @Nullable String replayId,
      @Nullable String workflowId,
      @Nullable String since,
      @Nullable String until,
      @Nullable String speed,
      @Nullable String to) {}

  /**
   * How far a replay is.
   *
   * @param status running, waiting (for NATS, or the log), paused, completed, failed or cancelled
   * @param subject what to subscribe to
   * @param messages how many are published and acknowledged
   * @param total how many there are
   * @param position where the last of them stands in the log; 0 where none is published
   * @param secondsLeft null where that cannot be said
   * @param reason why it waits, or has failed
   */
  record ReplayState(
      String replayId,
      String status,
      String subject,
      @Nullable String workflowId,
      @Nullable String since,
      @Nullable String until,
      String speed,
      long messages,
      long total,
      long position,
      int percent,
      @Nullable Long secondsLeft,
      @Nullable String reason) {

    private static ReplayState of(ReplayJob job) {
      Progress progress = job.progress();
      Asked asked = job.asked();
      String replayId = job.course().replayId();
      return new ReplayState(
          replayId,
          progress.status().name().toLowerCase(Locale.ROOT),
          asked.to() == null
              ? new ReplaySpace(job.course().tenantId()).subjectsOf(replayId)
              : asked.to(),
          asked.workflowId(),
          asked.since(),
          asked.until(),
          asked.pace().word(),
          progress.messages(),
          progress.total(),
          progress.position(),
          progress.percent(),
          progress.secondsLeft(),
          progress.reason());
    }
  }

  /**
   * The replays of a node.
   *
   * @param items the newest first
   */
  record ReplayList(List<ReplayState> items) {}

  /**
   * Publishes histories on NATS again, under subjects of their own: each message as it was, in
   * order, its hash checked before it goes out. What is answered at once says by which id to ask
   * how far that is.
   */
  @PostMapping
  @ResponseStatus(HttpStatus.ACCEPTED)
  ReplayState beginReplay(@RequestAttribute Caller caller, @RequestBody ReplayRequest request) {
    if (request.workflowId() == null && request.since() == null) {
      throw new InvalidField("workflowId", "or since must be there, or both");
    }
    Asked asked =
        new Asked(
            request.workflowId() == null ? null : new WorkflowId(request.workflowId()).value(),
            request.since(),
            request.until(),
            Pace.of(request.speed()),
            new ReplaySpace(caller.tenantId()).chosen(request.to()));
    return ReplayState.of(
        replays.ask(
            caller.tenantId(),
            Checks.uuid("replayId", Commands.idOr(request.replayId())),
            asked,
            Moment.read("since", request.since()),
            Moment.read("until", request.until()),
            caller.traceparent()));
  }

  /**
   * Lists the tenant's replays that the asked node has: those under way, and the last that ended.
   */
  @GetMapping
  ReplayList listReplays(@RequestAttribute Caller caller) {
    return new ReplayList(replays.all(caller.tenantId()).stream().map(ReplayState::of).toList());
  }

  /**
   * Shows how far a replay is.
   *
   * @param waitMillis waits until it is over, but not longer; at most 60,000
   */
  @GetMapping("/{replayId}")
  ReplayState getReplay(
      @RequestAttribute Caller caller,
      @PathVariable String replayId,
      @RequestParam(defaultValue = NO_WAIT) long waitMillis)
      throws InterruptedException {
    if (waitMillis < 0 || waitMillis > WAIT_MAX.toMillis()) {
      throw new InvalidField(
          "waitMillis", "must be 0 to %d, not %d".formatted(WAIT_MAX.toMillis(), waitMillis));
    }
    ReplayJob job = job(caller, replayId);
    job.await(Duration.ofMillis(waitMillis));
    return ReplayState.of(job);
  }

  /** Stops a replay for the time being; nothing of it is published once this is answered. */
  @PostMapping("/{replayId}/pause")
  ReplayState pauseReplay(@RequestAttribute Caller caller, @PathVariable String replayId)
      throws InterruptedException {
    ReplayJob job = job(caller, replayId);
    if (!job.pause()) {
      throw new ReplayOver(replayId);
    }
    return ReplayState.of(job);
  }

  /** Has a paused replay go on behind its last message. */
  @PostMapping("/{replayId}/resume")
  ReplayState resumeReplay(@RequestAttribute Caller caller, @PathVariable String replayId) {
    ReplayJob job = job(caller, replayId);
    if (!job.resume()) {
      throw new ReplayOver(replayId);
    }
    return ReplayState.of(job);
  }

  /**
   * Ends a replay; nothing of it is published once this is answered. What was published stays. One
   * that is over stays as it is.
   */
  @PostMapping("/{replayId}/cancel")
  ReplayState cancelReplay(@RequestAttribute Caller caller, @PathVariable String replayId)
      throws InterruptedException {
    ReplayJob job = job(caller, replayId);
    replays.cancel(job);
    return ReplayState.of(job);
  }

  private ReplayJob job(Caller caller, String replayId) {
    return replays.find(caller.tenantId(), replayId).orElseThrow(() -> new NoReplay(replayId));
  }
}

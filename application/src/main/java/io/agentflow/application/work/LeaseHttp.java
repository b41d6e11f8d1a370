package io.agentflow.application.work;

import io.agentflow.application.access.LeasedRequest;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.work.Answers.Answered;
import io.agentflow.application.workflow.Lease;
import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.LeaseAnswer;
import io.agentflow.domain.workflow.WorkflowId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Workers take steps here, answer them, say that they live, and end their waits. */
@RestController
class LeaseHttp {

  static final int LEASES_MAX = 100;
  static final Duration WAIT_MAX = Duration.ofSeconds(60);
  static final Duration LEASE_MIN = Duration.ofMillis(100);
  static final Duration LEASE_MAX = Duration.ofHours(1);
  static final Duration LEASE_DEFAULT = Duration.ofSeconds(30);

  private final Leases leases;
  private final Answers answers;
  private final Clock clock;

  LeaseHttp(Leases leases, Answers answers, Clock clock) {
    this.leases = leases;
    this.answers = answers;
    this.clock = clock;
  }

  record LeasesRequest(
      @Nullable Integer max, @Nullable Long waitMillis, @Nullable Long leaseMillis) {}

  record LeasesAnswer(List<Lease> leases) {}

  /**
   * @param next says that the next step of each workflow is wanted, and for how long; absent where
   *     none is
   */
  record AnswersRequest(@Nullable List<@Nullable StepAnswer> answers, @Nullable NextRequest next)
      implements LeasedRequest {

    @Override
    public List<@Nullable String> leaseTokens() {
      List<@Nullable String> tokens = new ArrayList<>();
      for (StepAnswer answer : answers == null ? List.<@Nullable StepAnswer>of() : answers) {
        tokens.add(answer == null ? null : answer.leaseToken());
      }
      return tokens;
    }

    List<LeaseAnswer> commands(Instant at) {
      int count = answers == null ? 0 : answers.size();
      if (answers == null || count < 1 || count > LEASES_MAX) {
        throw new InvalidField("answers", "must be 1 to %d, not %d".formatted(LEASES_MAX, count));
      }
      List<LeaseAnswer> commands = new ArrayList<>();
      for (StepAnswer answer : answers) {
        if (answer == null) {
          throw new InvalidField("answers", "must not contain null");
        }
        commands.add(answer.command(at));
      }
      return commands;
    }
  }

  record NextRequest(@Nullable Long leaseMillis) {}

  /** Completes a step by its result, or fails it by a reason. */
  record StepAnswer(
      String workflowId,
      String stepId,
      String leaseToken,
      @Nullable String result,
      @Nullable String reason,
      boolean retryable,
      long tokens,
      long microDollars) {

    LeaseAnswer command(Instant at) {
      WorkflowId id = new WorkflowId(workflowId);
      Spend used = Spend.of(tokens, microDollars);
      if (result != null && reason == null) {
        return new CompleteStep(id, stepId, leaseToken, result, used, at);
      }
      if (reason != null && result == null) {
        return new FailStep(id, stepId, leaseToken, reason, retryable, used, at);
      }
      throw new InvalidField("answers", "each must have a result or a reason, and not both");
    }
  }

  record AnswersAnswer(List<Answered> answers) {}

  record HeartbeatRequest(String leaseToken, @Nullable Long leaseMillis)
      implements LeasedRequest.OfOne {}

  record HeartbeatAnswer(Instant leaseUntil) {}

  /**
   * Takes steps that the agent can do, waiting for them if there are none. Each comes with a lease,
   * whose token every answer carries.
   */
  @PostMapping("/v1/agents/{agentId}/leases")
  LeasesAnswer takeLeases(
      @RequestAttribute Caller caller,
      @PathVariable String agentId,
      @RequestBody LeasesRequest request)
      throws InterruptedException {
    int max = request.max() == null ? 1 : request.max();
    if (max < 1 || max > LEASES_MAX) {
      throw new InvalidField("max", "must be 1 to %d, not %d".formatted(LEASES_MAX, max));
    }
    try {
      return new LeasesAnswer(
          leases.take(
              caller,
              new AgentId(agentId),
              max,
              between("waitMillis", request.waitMillis(), Duration.ZERO, WAIT_MAX, Duration.ZERO),
              lease(request.leaseMillis())));
    } catch (WaitEnded e) {
      return new LeasesAnswer(List.of());
    }
  }

  /**
   * Ends the waits of the agent's requests for steps: they are answered with what they were given,
   * most often nothing.
   */
  @PostMapping("/v1/agents/{agentId}/leases/end-waits")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void endWaits(@RequestAttribute Caller caller, @PathVariable String agentId)
      throws InterruptedException {
    leases.endWaits(caller, new AgentId(agentId));
  }

  /**
   * Answers several steps at once: each is taken or refused for itself. All of them are looked at
   * before any is taken: a malformed one refuses them all.
   */
  @PostMapping("/v1/agents/{agentId}/answers")
  AnswersAnswer answerSteps(
      @RequestAttribute Caller caller,
      @PathVariable String agentId,
      @RequestBody AnswersRequest request)
      throws InterruptedException {
    return new AnswersAnswer(
        answers.take(
            caller,
            new AgentId(agentId),
            request.commands(clock.instant()),
            request.next() == null ? null : lease(request.next().leaseMillis())));
  }

  /** Prolongs the lease on a step whose worker lives. */
  @PostMapping("/v1/workflows/{workflowId}/steps/{stepId}/heartbeat")
  HeartbeatAnswer prolongLease(
      @RequestAttribute Caller caller,
      @PathVariable String workflowId,
      @PathVariable String stepId,
      @RequestBody HeartbeatRequest request)
      throws InterruptedException {
    Checks.localId("leaseToken", request.leaseToken());
    return new HeartbeatAnswer(
        leases.prolong(
            caller, workflowId, stepId, request.leaseToken(), lease(request.leaseMillis())));
  }

  private static Duration lease(@Nullable Long millis) {
    return between("leaseMillis", millis, LEASE_MIN, LEASE_MAX, LEASE_DEFAULT);
  }

  private static Duration between(
      String field, @Nullable Long millis, Duration min, Duration max, Duration absent) {
    if (millis == null) {
      return absent;
    }
    if (millis < min.toMillis() || millis > max.toMillis()) {
      throw new InvalidField(
          field, "must be %d to %d, not %d".formatted(min.toMillis(), max.toMillis(), millis));
    }
    return Duration.ofMillis(millis);
  }
}

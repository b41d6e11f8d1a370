package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.cli.ApiClient;
import io.agentflow.client.Refusal;
import io.agentflow.client.ServerUnreachable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a worker says to the server in its agent's name. What has to arrive is repeated until the
 * server answers: it records an answer to a lease once, however often it comes. So nothing here has
 * a key. With one, a request for steps that is repeated after a while would be given leases that
 * have run out since; without, what was given unheard runs out, and is given anew.
 */
final class Leases {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
  private static final Set<Integer> NO_LONGER_OURS = Set.of(404, 409);

  /** What became of a heartbeat. */
  enum Heartbeat {
    KEPT,
    /** The server did not answer, which says nothing; the next may come in time. */
    UNHEARD,
    /** The step is no longer ours. */
    LOST
  }

  private final ApiClient patient;
  private final ApiClient polling;
  private final ApiClient hasty;
  private final String agentId;
  private final WorkerSettings settings;
  private final WorkerLog log;
  private final AtomicBoolean away = new AtomicBoolean();

  Leases(ApiClient api, String agentId, WorkerSettings settings, WorkerLog log) {
    this.agentId = agentId;
    this.settings = settings;
    this.log = log;
    ApiClient asAgent = api.actingAsAgent(agentId);
    this.patient = asAgent.untilAnswered(ANSWER_WITHIN, this::noteAway);
    this.polling = asAgent.untilAnswered(settings.pollWait().plus(ANSWER_WITHIN), this::noteAway);
    this.hasty = asAgent.onceWithin(settings.firstLease());
  }

  private void noteAway() {
    if (!away.getAndSet(true)) {
      log.note("the server does not answer; trying again until it does");
    }
  }

  private void noteBack() {
    if (away.getAndSet(false)) {
      log.note("the server answers again");
    }
  }

  /**
   * Waits for steps.
   *
   * @param max how many at most
   * @return none when there was none in time
   */
  List<Lease> take(int max) {
    JsonNode answer =
        polling.postRepeatable(
            "/v1/agents/" + agentId + "/leases",
            JSON.objectNode()
                .put("max", max)
                .put("waitMillis", settings.pollWait().toMillis())
                .put("leaseMillis", settings.firstLease().toMillis()));
    noteBack();
    List<Lease> leases = new ArrayList<>();
    answer.path("leases").forEach(lease -> leases.add(Lease.of(lease)));
    return leases;
  }

  /**
   * Has the server answer what this agent asks it for steps and still waits for: the requests of
   * this process, and of one before it that was killed.
   *
   * @return false when the server did not hear it
   */
  boolean endWaits() {
    try {
      hasty.postRepeatable("/v1/agents/" + agentId + "/leases/end-waits", JSON.objectNode());
      return true;
    } catch (Refusal e) {
      return true;
    } catch (ServerUnreachable e) {
      return false;
    }
  }

  boolean isAgentSuspended() {
    return patient.get("/v1/agents/" + agentId).path("status").asText().equals("suspended");
  }

  /** Keeps a lease for another while. */
  Heartbeat extend(Lease lease) {
    try {
      hasty.postRepeatable(
          path(lease, "heartbeat"),
          JSON.objectNode()
              .put("leaseToken", lease.token())
              .put("leaseMillis", settings.lease().toMillis()));
      return Heartbeat.KEPT;
    } catch (Refusal e) {
      return NO_LONGER_OURS.contains(e.status()) ? Heartbeat.LOST : Heartbeat.UNHEARD;
    } catch (ServerUnreachable e) {
      return Heartbeat.UNHEARD;
    }
  }

  /**
   * Tells how a step ended, as often as it takes.
   *
   * @return how it ended for the server: a result that it refuses is a failure, and what it does
   *     not take at all is lost
   */
  Outcome report(Lease lease, StepContext context, Outcome outcome) {
    try {
      return switch (outcome) {
        case Outcome.Completed(String result) -> {
          answer(lease, "complete", context, JSON.objectNode().put("result", result));
          yield outcome;
        }
        case Outcome.Failed(String reason, boolean retryable) -> {
          answer(
              lease,
              "fail",
              context,
              JSON.objectNode().put("reason", reason).put("retryable", retryable));
          yield outcome;
        }
        case Outcome.GivenBack back -> {
          answer(lease, "give-back", context, JSON.objectNode());
          yield outcome;
        }
        case Outcome.Lost lost -> lost;
      };
    } catch (Refusal e) {
      return outcome instanceof Outcome.Completed && !NO_LONGER_OURS.contains(e.status())
          ? report(
              lease,
              context,
              new Outcome.Failed("the server refused the result: " + e.getMessage(), false))
          : new Outcome.Lost(String.valueOf(e.getMessage()));
    }
  }

  private void answer(Lease lease, String verb, StepContext context, ObjectNode body) {
    body.put("leaseToken", lease.token())
        .put("tokens", context.tokens())
        .put("microDollars", context.microDollars());
    patient.postRepeatable(path(lease, verb), body);
    noteBack();
  }

  private static String path(Lease lease, String verb) {
    return "/v1/workflows/%s/steps/%s/%s".formatted(lease.workflowId(), lease.stepId(), verb);
  }
}

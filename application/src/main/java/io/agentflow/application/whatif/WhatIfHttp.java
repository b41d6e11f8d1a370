package io.agentflow.application.whatif;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.JsonLines;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.whatif.WhatIfJob.Progress;
import io.agentflow.application.whatif.WhatIfJob.Result;
import io.agentflow.application.whatif.WhatIfProblems.NoResult;
import io.agentflow.application.whatif.WhatIfProblems.NoWhatIf;
import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Moment;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.whatif.Rule;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * What would have been decided otherwise, and what it would have cost, under another rule: recorded
 * histories are judged again, on this node, without a call to anyone. Nothing is recorded.
 */
@RestController
@RequestMapping("/v1/what-ifs")
class WhatIfHttp {

  static final int WORKFLOWS_MAX = 100;
  private static final String NO_WAIT = "0";
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final long NOTHING = 0;

  private final WhatIfs whatIfs;
  private final TenantLog log;
  private final StoredEvents events;

  WhatIfHttp(WhatIfs whatIfs, TenantLog log, StoredEvents events) {
    this.whatIfs = whatIfs;
    this.log = log;
    this.events = events;
  }

  /**
   * A rule, and the histories that it is to judge: those named, or all that began since then.
   *
   * @param workflowIds at most 100
   * @param since a position of the log, or a time: workflows that began there or later
   * @param until a position of the log, or a time: nothing that stands behind is read
   */
  record WhatIfRequest(
      WhatIfRule rule,
      @Nullable List<@Nullable String> workflowIds,
      @Nullable String since,
      @Nullable String until) {}

  /**
   * How far a what-if is.
   *
   * @param id by which it is asked for, of the node that began it
   * @param status running, completed, failed or cancelled
   * @param done how many histories are judged
   * @param total how many there are; null until they are counted, and where only a part of the
   *     tenant is asked about
   * @param headPosition where the last entry stands that is read
   * @param ruleDigest SHA-256 over the rule's canonical form
   * @param reason why it failed
   */
  record WhatIfState(
      String id,
      String status,
      long done,
      @Nullable Long total,
      long headPosition,
      String ruleDigest,
      @Nullable String reason) {

    private static WhatIfState of(WhatIfJob job) {
      Progress progress = job.progress();
      return new WhatIfState(
          job.id(),
          progress.status().name().toLowerCase(Locale.ROOT),
          progress.done(),
          progress.total(),
          job.selection().headPosition(),
          WhatIfDocument.digest(job.rule()),
          progress.reason());
    }
  }

  /**
   * Asks what would have been under another rule. Recorded histories are judged again, one after
   * the other; what is answered at once says by which id to ask how far that is.
   *
   * @param project only workflows of this project
   * @param environment only workflows of this environment of the project
   */
  @PostMapping
  @ResponseStatus(HttpStatus.ACCEPTED)
  WhatIfState askWhatIf(
      @RequestAttribute Caller caller,
      @RequestParam(required = false) @Nullable String project,
      @RequestParam(required = false) @Nullable String environment,
      @RequestBody WhatIfRequest request) {
    Rule rule = Checks.present("rule", request.rule()).rule();
    Selection selection = selection(caller.tenantId(), new Scope(project, environment), request);
    return WhatIfState.of(
        whatIfs.ask(UuidCreator.getTimeOrderedEpoch().toString(), rule, selection));
  }

  private Selection selection(String tenantId, Scope scope, WhatIfRequest request) {
    Moment since = Moment.read("since", request.since());
    Moment until = Moment.read("until", request.until());
    if ((since == null) == (request.workflowIds() == null)) {
      throw new InvalidField("workflowIds", "or since must be there, and not both");
    }
    Set<String> named = new LinkedHashSet<>();
    for (String workflowId :
        request.workflowIds() == null ? List.<@Nullable String>of() : request.workflowIds()) {
      named.add(new WorkflowId(Checks.present("workflowIds", workflowId)).value());
    }
    if (since == null && (named.isEmpty() || named.size() > WORKFLOWS_MAX)) {
      throw new InvalidField(
          "workflowIds", "must be 1 to %d, not %d".formatted(WORKFLOWS_MAX, named.size()));
    }
    long head = head(tenantId, until);
    return new Selection(
        tenantId,
        scope,
        since == null ? inTheirOrder(tenantId, scope, named, head) : null,
        since,
        request.since(),
        request.until(),
        head);
  }

  private long head(String tenantId, @Nullable Moment until) {
    return switch (until) {
      case null -> lastAt(tenantId, Long.MAX_VALUE);
      case Moment.AtPosition(long position) -> lastAt(tenantId, position);
      case Moment.AtTime(Instant time) ->
          log.positionAt(tenantId, time.truncatedTo(ChronoUnit.MICROS));
    };
  }

  private long lastAt(String tenantId, long position) {
    return log.lastOfTenant(tenantId, position).map(LogEntry::position).orElse(NOTHING);
  }

  private List<String> inTheirOrder(String tenantId, Scope scope, Set<String> named, long head) {
    List<LogEntry> firsts = new ArrayList<>();
    for (String workflowId : named) {
      firsts.add(
          log.firstOfAggregate(tenantId, workflowId, 0)
              .filter(first -> first.position() <= head)
              .filter(first -> isIn(scope, first))
              .orElseThrow(() -> new NotInTenant("workflow", workflowId)));
    }
    return firsts.stream()
        .sorted(Comparator.comparingLong(LogEntry::position))
        .map(LogEntry::aggregateId)
        .toList();
  }

  private boolean isIn(Scope scope, LogEntry first) {
    return events.of(first) instanceof WorkflowCreated created
        && scope.covers(Scope.ofLabels(created.labels()));
  }

  /**
   * Shows how far a what-if is.
   *
   * @param project the project in which it was asked
   * @param environment the environment in which it was asked
   * @param waitMillis waits until it is over, but not longer; at most 60,000
   */
  @GetMapping("/{whatIfId}")
  WhatIfState getWhatIf(
      @RequestAttribute Caller caller,
      @PathVariable String whatIfId,
      @RequestParam(required = false) @Nullable String project,
      @RequestParam(required = false) @Nullable String environment,
      @RequestParam(defaultValue = NO_WAIT) long waitMillis)
      throws InterruptedException {
    if (waitMillis < 0 || waitMillis > WAIT_MAX.toMillis()) {
      throw new InvalidField(
          "waitMillis", "must be 0 to %d, not %d".formatted(WAIT_MAX.toMillis(), waitMillis));
    }
    WhatIfJob job = job(caller, new Scope(project, environment), whatIfId);
    job.await(Duration.ofMillis(waitMillis));
    return WhatIfState.of(job);
  }

  /**
   * Reads what came of a what-if, in canonical JSON: the same log and rule give the same bytes. Its
   * form is described in {@code docs/histories.md}.
   *
   * @param project the project in which it was asked
   * @param environment the environment in which it was asked
   */
  @GetMapping(
      path = "/{whatIfId}/result",
      produces = {MediaType.APPLICATION_JSON_VALUE, JsonLines.MEDIA_TYPE})
  void getWhatIfResult(
      @RequestAttribute Caller caller,
      @PathVariable String whatIfId,
      @RequestParam(required = false) @Nullable String project,
      @RequestParam(required = false) @Nullable String environment,
      HttpServletResponse response)
      throws IOException {
    WhatIfJob job = job(caller, new Scope(project, environment), whatIfId);
    Result result = job.result();
    if (result == null) {
      throw new NoResult(job);
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    result.writeTo(response.getOutputStream());
  }

  /**
   * Ends a what-if that is under way, or waits for its turn. One that is over stays as it is.
   *
   * @param project the project in which it was asked
   * @param environment the environment in which it was asked
   */
  @PostMapping("/{whatIfId}/cancel")
  WhatIfState cancelWhatIf(
      @RequestAttribute Caller caller,
      @PathVariable String whatIfId,
      @RequestParam(required = false) @Nullable String project,
      @RequestParam(required = false) @Nullable String environment) {
    WhatIfJob job = job(caller, new Scope(project, environment), whatIfId);
    whatIfs.cancel(job);
    return WhatIfState.of(job);
  }

  private WhatIfJob job(Caller caller, Scope scope, String whatIfId) {
    return whatIfs
        .find(caller.tenantId(), scope, whatIfId)
        .orElseThrow(() -> new NoWhatIf(whatIfId));
  }
}

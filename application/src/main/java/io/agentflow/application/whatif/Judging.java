package io.agentflow.application.whatif;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.whatif.WhatIfJob.Result;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.domain.Moment;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.whatif.WhatIf;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowEvent.WorkflowCreated;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.TenantLog.Begun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Judges the histories of a job, one after the other, each read in stretches: memory holds one
 * history's state, and what differs, packed.
 */
final class Judging {

  private static final int READ_ENTRIES = 500;
  private static final int LOOK_THROUGH_ENTRIES = 5_000;
  private static final int MODELS_KEPT = 10_000;
  private static final int PACKED_AT_ONCE_BYTES = 1 << 16;

  private final TenantLog log;
  private final StoredEvents events;
  private final WhatIfJob job;
  private final Selection selection;
  private final WhatIfDocument document;
  private final long nanosMax;
  private final long begunNanos = System.nanoTime();
  private final Cache<String, Optional<String>> models =
      Caffeine.newBuilder().maximumSize(MODELS_KEPT).build();

  /** It is not worth going on; the message says why. */
  static final class GivenUp extends Exception {
    private static final long serialVersionUID = 1L;

    GivenUp(String message) {
      super(message);
    }
  }

  /**
   * One job's.
   *
   * @param nanosMax how long it may take
   */
  Judging(TenantLog log, StoredEvents events, WhatIfJob job, long nanosMax) {
    this.log = log;
    this.events = events;
    this.job = job;
    this.selection = job.selection();
    this.document = new WhatIfDocument(job.rule());
    this.nanosMax = nanosMax;
  }

  /**
   * Judges all of them, unless the job is ended meanwhile.
   *
   * @throws GivenUp when it takes too long, or its result gets too large
   */
  Result run(int resultBytesMax) throws GivenUp, IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed, PACKED_AT_ONCE_BYTES)) {
      Moment since = selection.since();
      if (since == null) {
        for (String workflowId : named()) {
          judge(workflowId, out, packed, resultBytesMax);
        }
      } else {
        judgeAll(begun(since), out, packed, resultBytesMax);
      }
    }
    return new Result(document.beginning(selection), packed.toByteArray());
  }

  private List<String> named() {
    List<String> workflowIds =
        selection.workflowIds() == null ? List.of() : selection.workflowIds();
    job.counted(workflowIds.size());
    return workflowIds;
  }

  private Begun begun(Moment since) {
    String tenantId = selection.tenantId();
    Instant time = since instanceof Moment.AtTime(Instant at) ? at : Moment.EARLIEST;
    long before = since instanceof Moment.AtPosition(long at) ? at - 1 : -1;
    return new Begun(
        tenantId,
        WorkflowAggregate.TYPE,
        time,
        log.tenantPositionAt(tenantId, before),
        log.tenantPositionAt(tenantId, selection.headPosition()));
  }

  private void judgeAll(
      Begun begun, OutputStream out, ByteArrayOutputStream packed, int resultBytesMax)
      throws GivenUp, IOException {
    Scope scope = selection.scope();
    if (scope.isTenant()) {
      // How many there are beyond its part nobody learns from here.
      job.counted(log.count(begun));
    }
    long after = begun.after();
    while (after < begun.through() && !job.isOver()) {
      long through = Math.min(begun.through(), after + LOOK_THROUGH_ENTRIES);
      List<LogEntry> firsts = log.firstEntries(begun.between(after, through), READ_ENTRIES);
      for (LogEntry first : firsts) {
        if (scope.isTenant() || isIn(scope, first)) {
          judge(first.aggregateId(), out, packed, resultBytesMax);
        }
      }
      after = firsts.size() < READ_ENTRIES ? through : firsts.getLast().tenantPosition();
    }
  }

  private boolean isIn(Scope scope, LogEntry first) {
    return events.of(first) instanceof WorkflowCreated created
        && scope.covers(Scope.ofLabels(created.labels()));
  }

  private void judge(
      String workflowId, OutputStream out, ByteArrayOutputStream packed, int resultBytesMax)
      throws GivenUp, IOException {
    if (job.isOver()) {
      return;
    }
    boolean isFirst = document.isEmpty();
    String differing = document.add(workflowId, judged(workflowId));
    if (differing != null) {
      out.write(((isFirst ? "" : ",") + differing).getBytes(StandardCharsets.UTF_8));
    }
    job.judgedOne();
    if (packed.size() > resultBytesMax) {
      throw new GivenUp(
          "what differs takes more than %d bytes, packed; ask about fewer workflows"
              .formatted(resultBytesMax));
    }
    if (System.nanoTime() - begunNanos > nanosMax) {
      throw new GivenUp(
          "it took longer than %d s; ask about fewer workflows"
              .formatted(nanosMax / 1_000_000_000));
    }
  }

  private WhatIf.Run judged(String workflowId) {
    WhatIf whatIf = new WhatIf(job.rule(), this::modelOf);
    long sequence = -1;
    while (!job.isOver()) {
      List<LogEntry> read =
          log.ofAggregate(selection.tenantId(), workflowId, sequence, READ_ENTRIES);
      for (LogEntry entry : read) {
        if (entry.position() > selection.headPosition()) {
          return whatIf.run();
        }
        whatIf.see(entry.position(), entry.occurredAt(), (WorkflowEvent) events.of(entry));
      }
      if (read.size() < READ_ENTRIES) {
        break;
      }
      sequence = read.getLast().sequenceNumber();
    }
    return whatIf.run();
  }

  /** As the agent was registered, by the end of what is read. */
  private Optional<String> modelOf(String agentId) {
    return models.get(
        agentId,
        id ->
            log.firstOfAggregate(selection.tenantId(), id, 0)
                .filter(first -> first.position() <= selection.headPosition())
                .map(events::of)
                .filter(AgentRegistered.class::isInstance)
                .map(registered -> ((AgentRegistered) registered).model()));
  }
}

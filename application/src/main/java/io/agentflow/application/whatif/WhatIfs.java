package io.agentflow.application.whatif;

import io.agentflow.application.CurrentTenant;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.intake.Busy;
import io.agentflow.application.whatif.Judging.GivenUp;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.whatif.Rule;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.TenantLog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The what-ifs of this node: one is under way, others wait for their turn, and what came of them is
 * kept for a while. Nothing of it is in the log, which gives the same answer again.
 */
@Component
class WhatIfs implements DisposableBean {

  static final int UNFINISHED_MAX = 16;
  static final int UNFINISHED_OF_A_TENANT_MAX = 2;
  static final int KEPT_OF_A_TENANT_MAX = 10;
  static final Duration KEPT_FOR = Duration.ofMinutes(30);
  static final int RESULT_BYTES_MAX = 16 << 20;
  static final int KEPT_BYTES_MAX = 64 << 20;
  static final Duration DURATION_MAX = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(WhatIfs.class);

  private final TenantLog log;
  private final StoredEvents events;
  private final Clock clock;

  /** The oldest first. */
  private final Map<String, WhatIfJob> jobs = new LinkedHashMap<>();

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("what-if").daemon().factory());

  WhatIfs(TenantLog log, StoredEvents events, Clock clock) {
    this.log = log;
    this.events = events;
    this.clock = clock;
  }

  /**
   * Begins one, or has it wait for its turn.
   *
   * @throws Busy when too many wait
   */
  WhatIfJob ask(String id, Rule rule, Selection selection) {
    WhatIfJob job = new WhatIfJob(id, rule, selection);
    synchronized (jobs) {
      forget();
      refuseAbove(UNFINISHED_MAX, other -> true);
      refuseAbove(
          UNFINISHED_OF_A_TENANT_MAX,
          other -> other.selection().tenantId().equals(selection.tenantId()));
      jobs.put(id, job);
    }
    worker.execute(() -> run(job));
    return job;
  }

  private void refuseAbove(int max, Predicate<WhatIfJob> which) {
    if (jobs.values().stream().filter(which).filter(job -> !job.isOver()).count() >= max) {
      throw new Busy(max, "what-ifs");
    }
  }

  /** The tenant's what-if of this id, where that was asked in this part of it. */
  Optional<WhatIfJob> find(String tenantId, Scope scope, String id) {
    synchronized (jobs) {
      forget();
      return Optional.ofNullable(jobs.get(id))
          .filter(job -> job.selection().tenantId().equals(tenantId))
          .filter(job -> scope.covers(job.selection().scope()));
    }
  }

  void cancel(WhatIfJob job) {
    job.cancel(clock.instant());
  }

  private void run(WhatIfJob job) {
    if (job.isOver()) {
      return;
    }
    try (CurrentTenant _ = CurrentTenant.is(job.selection().tenantId())) {
      job.complete(
          new Judging(log, events, job, DURATION_MAX.toNanos()).run(RESULT_BYTES_MAX),
          clock.instant());
    } catch (GivenUp e) {
      job.fail(String.valueOf(e.getMessage()), clock.instant());
    } catch (LogUnavailable e) {
      LOG.warn("a what-if broke off: the log is unavailable: {}", e.getMessage());
      job.fail("the event log could not be read on; ask again shortly", clock.instant());
    } catch (IOException | RuntimeException e) {
      LOG.error("a what-if failed unexpectedly", e);
      job.fail("the server failed; its log has the details, at this time", clock.instant());
    } finally {
      synchronized (jobs) {
        forget();
      }
    }
  }

  /** What is over goes when its time is up, or where others need its place. */
  private void forget() {
    Instant tooOld = clock.instant().minus(KEPT_FOR);
    jobs.values()
        .removeIf(
            job -> {
              Instant endedAt = job.endedAt();
              return endedAt != null && endedAt.isBefore(tooOld);
            });
    Map<String, Integer> ofTenants = new LinkedHashMap<>();
    long bytes = 0;
    List<WhatIfJob> newestFirst = new ArrayList<>(jobs.values()).reversed();
    for (WhatIfJob job : newestFirst) {
      int ofTenant = ofTenants.merge(job.selection().tenantId(), 1, Integer::sum);
      bytes += job.resultBytes();
      if (job.isOver() && (ofTenant > KEPT_OF_A_TENANT_MAX || bytes > KEPT_BYTES_MAX)) {
        jobs.remove(job.id());
        bytes -= job.resultBytes();
      }
    }
  }

  @Override
  public void destroy() {
    worker.shutdownNow();
  }
}

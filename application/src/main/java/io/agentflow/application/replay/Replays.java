package io.agentflow.application.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.application.CurrentTenant;
import io.agentflow.application.intake.Busy;
import io.agentflow.application.intake.NotInTenant;
import io.agentflow.application.port.HistoryReplay;
import io.agentflow.application.port.HistoryReplay.Course;
import io.agentflow.application.port.HistoryReplay.Told;
import io.agentflow.application.replay.ReplayJob.Asked;
import io.agentflow.application.replay.ReplayProblems.OtherReplay;
import io.agentflow.application.workflow.WorkflowAggregate;
import io.agentflow.domain.Moment;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The replays of this node, each on a thread of its own; those that are over are kept for a while.
 * What is lost with the node is only that somebody asked: where a replay ends, the bus itself says.
 */
@Component
class Replays implements DisposableBean {

  static final int KEPT_OF_A_TENANT_MAX = 10;
  static final Duration KEPT_FOR = Duration.ofMinutes(30);

  private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

  private final TenantLog log;
  private final HistoryReplay bus;
  private final ReplaySettings settings;
  private final Clock clock;

  /** The oldest first. */
  private final Map<Key, ReplayJob> jobs = new LinkedHashMap<>();

  private final ExecutorService workers =
      Executors.newCachedThreadPool(Thread.ofPlatform().name("replay-", 0).daemon().factory());

  /** The id is the client's choice; another tenant may choose the same. */
  private record Key(String tenantId, String replayId) {}

  Replays(TenantLog log, HistoryReplay bus, ReplaySettings settings, Clock clock) {
    this.log = log;
    this.bus = bus;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Begins a replay; one that is there already under this id is answered as it stands, and tried
   * again where it has failed.
   *
   * @throws NotInTenant when there is no such workflow
   * @throws OtherReplay when the id was used for something else
   * @throws Busy when too many are under way
   * @throws io.agentflow.application.port.BusUnavailable when there is no bus
   */
  ReplayJob ask(
      String tenantId,
      String replayId,
      Asked asked,
      @Nullable Moment since,
      @Nullable Moment until,
      @Nullable String traceparent) {
    Course course = new Course(tenantId, replayId, asked.to(), digest(asked));
    Optional<ReplayJob> present = present(course);
    if (present.isPresent()) {
      return present.get();
    }
    ReplaySource source = source(tenantId, asked.workflowId(), since, until);
    Told told = bus.lastTold(course).orElse(null);
    if (told != null && !told.digest().equals(course.digest())) {
      throw new OtherReplay(replayId);
    }
    ReplayJob job = new ReplayJob(asked, course, source);
    synchronized (jobs) {
      Optional<ReplayJob> meanwhile = present(course);
      if (meanwhile.isPresent()) {
        return meanwhile.get();
      }
      refuseAbove(settings.unfinishedMax(), other -> true);
      refuseAbove(
          settings.unfinishedOfTenantMax(), other -> other.course().tenantId().equals(tenantId));
      Key key = new Key(tenantId, replayId);
      jobs.remove(key);
      jobs.put(key, job);
    }
    workers.execute(() -> run(job, told, traceparent));
    return job;
  }

  private static String digest(Asked asked) {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.put("workflowId", asked.workflowId());
    content.put("since", asked.since());
    content.put("until", asked.until());
    content.put("speed", asked.pace().word());
    content.put("to", asked.to());
    return Hash.sha256(CanonicalJson.canonicalize(content).getBytes(StandardCharsets.UTF_8)).hex();
  }

  /** Under this id, unless it has failed. */
  private Optional<ReplayJob> present(Course course) {
    Optional<ReplayJob> found = find(course.tenantId(), course.replayId());
    if (found.filter(job -> !job.course().equals(course)).isPresent()) {
      throw new OtherReplay(course.replayId());
    }
    return found.filter(job -> !job.hasFailed());
  }

  private ReplaySource source(
      String tenantId,
      @Nullable String workflowId,
      @Nullable Moment since,
      @Nullable Moment until) {
    if (workflowId != null
        && log.firstOfAggregate(tenantId, workflowId, 0)
            .filter(first -> first.aggregateType().equals(WorkflowAggregate.TYPE))
            .isEmpty()) {
      throw new NotInTenant("workflow", workflowId);
    }
    long after =
        switch (since) {
          case null -> 0;
          case Moment.AtPosition(long position) -> position - 1;
          case Moment.AtTime(Instant time) -> log.positionAt(tenantId, before(time));
        };
    long through =
        switch (until) {
          case null -> head(tenantId, Long.MAX_VALUE);
          case Moment.AtPosition(long position) -> head(tenantId, position);
          case Moment.AtTime(Instant time) ->
              log.positionAt(tenantId, time.truncatedTo(ChronoUnit.MICROS));
        };
    return new ReplaySource(log, tenantId, workflowId, after, through);
  }

  /** The last time that is before this one; entries have microseconds. */
  private static Instant before(Instant time) {
    return time.minusNanos(1).truncatedTo(ChronoUnit.MICROS);
  }

  private long head(String tenantId, long position) {
    return log.lastOfTenant(tenantId, position).map(LogEntry::position).orElse(0L);
  }

  private void refuseAbove(int max, Predicate<ReplayJob> which) {
    if (jobs.values().stream().filter(which).filter(job -> !job.isOver()).count() >= max) {
      throw new Busy(max, "replays");
    }
  }

  /** The tenant's replay of this id. */
  Optional<ReplayJob> find(String tenantId, String replayId) {
    synchronized (jobs) {
      forget();
      return Optional.ofNullable(jobs.get(new Key(tenantId, replayId)));
    }
  }

  /** The tenant's, the newest first. */
  List<ReplayJob> all(String tenantId) {
    synchronized (jobs) {
      forget();
      return new ArrayList<>(jobs.values())
          .reversed().stream().filter(job -> job.course().tenantId().equals(tenantId)).toList();
    }
  }

  void cancel(ReplayJob job) throws InterruptedException {
    job.cancel(clock.instant());
  }

  private void run(ReplayJob job, @Nullable Told told, @Nullable String traceparent) {
    HistoryReplay.Watched watched =
        bus.watched(job.course(), job.asked().workflowId(), traceparent);
    try (CurrentTenant _ = CurrentTenant.is(job.course().tenantId())) {
      new ReplayRun(bus, job, settings.waitMax(), clock).run(told);
    } catch (InterruptedException e) {
      LOG.debug("a replay ends with its node", e);
    } catch (RuntimeException e) {
      LOG.error("a replay failed unexpectedly", e);
      job.fail("the server failed; its log has the details, at this time", clock.instant());
    } finally {
      watched.over(job.progress().messages(), job.progress().reason());
      synchronized (jobs) {
        forget();
      }
    }
  }

  /** What is over goes when its time is up, or where others of its tenant need its place. */
  private void forget() {
    Instant tooOld = clock.instant().minus(KEPT_FOR);
    Map<String, Integer> ofTenants = new HashMap<>();
    for (ReplayJob job : new ArrayList<>(jobs.values()).reversed()) {
      Course course = job.course();
      Instant endedAt = job.endedAt();
      if (endedAt != null
          && (ofTenants.merge(course.tenantId(), 1, Integer::sum) > KEPT_OF_A_TENANT_MAX
              || endedAt.isBefore(tooOld))) {
        jobs.remove(new Key(course.tenantId(), course.replayId()));
      }
    }
  }

  @Override
  public void destroy() {
    workers.shutdownNow();
  }
}

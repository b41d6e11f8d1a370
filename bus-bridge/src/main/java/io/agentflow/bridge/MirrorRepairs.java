package io.agentflow.bridge;

import io.agentflow.bridge.MirrorVerification.Progress;
import io.agentflow.bridge.StreamRepair.Repaired;
import io.agentflow.eventstore.LogUnavailable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The repairs of this node: one at a time, each stream after the other. What came of them is kept
 * for a while; a repair that broke off is asked for again.
 */
public final class MirrorRepairs implements AutoCloseable {

  /** For so long what came of a repair is told. */
  public static final Duration KEPT_FOR = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(MirrorRepairs.class);

  private final Mirror mirror;
  private final Clock clock;
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("mirror-repair").daemon().factory());

  public MirrorRepairs(Mirror mirror, Clock clock) {
    this.mirror = mirror;
    this.clock = clock;
  }

  /** How a repair stands. */
  public enum Status {
    RUNNING,
    COMPLETED,
    FAILED
  }

  /**
   * A repair.
   *
   * @param id by which it is asked for, of the node that began it
   * @param status running until each stream is exact, or could not be made so
   */
  public record Standing(
      String id,
      Status status,
      Instant beganAt,
      @Nullable Instant endedAt,
      List<StreamStanding> streams) {}

  /**
   * What is being done to a stream, or was.
   *
   * @param phase in a word or two; empty before its turn
   * @param done of the phase's {@code total}, in messages, or in positions of the log
   * @param deleted messages that were taken away; 0 before all is done, like those that follow
   * @param published messages that were published again, or for the first time
   * @param builtBeside how many of those were built beside the stream before it was touched
   * @param messages that it holds now
   * @param digest of stream and log; null before all is done
   * @param reason why it failed; null where it did not
   */
  public record StreamStanding(
      String name,
      Status status,
      String phase,
      long done,
      long total,
      long deleted,
      long published,
      long builtBeside,
      long messages,
      @Nullable String digest,
      @Nullable String reason) {

    private static StreamStanding waiting(String name) {
      return new StreamStanding(name, Status.RUNNING, "", 0, 0, 0, 0, 0, 0, null, null);
    }

    private StreamStanding at(String nowPhase, long nowDone, long nowTotal) {
      return new StreamStanding(
          name, Status.RUNNING, nowPhase, nowDone, nowTotal, 0, 0, 0, 0, null, null);
    }

    private StreamStanding completed(Repaired repaired) {
      return new StreamStanding(
          name,
          Status.COMPLETED,
          "done",
          total,
          total,
          repaired.deleted(),
          repaired.published(),
          repaired.besideMessages(),
          repaired.messages(),
          repaired.digest(),
          null);
    }

    private StreamStanding failed(String because) {
      return new StreamStanding(name, Status.FAILED, phase, done, total, 0, 0, 0, 0, null, because);
    }
  }

  /** One repair; its streams in their order. */
  private static final class Job {
    private final String id;
    private final Instant beganAt;
    private final Map<String, StreamStanding> streams = new LinkedHashMap<>();
    private @Nullable Instant endedAt;

    Job(String id, Instant beganAt, List<String> names) {
      this.id = id;
      this.beganAt = beganAt;
      names.forEach(name -> streams.put(name, StreamStanding.waiting(name)));
    }

    synchronized Standing standing() {
      return new Standing(id, status(), beganAt, endedAt, List.copyOf(streams.values()));
    }

    private Status status() {
      if (endedAt == null) {
        return Status.RUNNING;
      }
      return streams.values().stream().allMatch(stream -> stream.status() == Status.COMPLETED)
          ? Status.COMPLETED
          : Status.FAILED;
    }

    synchronized StreamStanding stream(String name) {
      return streams.getOrDefault(name, StreamStanding.waiting(name));
    }

    synchronized void stands(StreamStanding stream) {
      streams.put(stream.name(), stream);
    }

    synchronized List<String> names() {
      return List.copyOf(streams.keySet());
    }

    synchronized void end(Instant at) {
      endedAt = at;
    }

    synchronized @Nullable Instant endedAt() {
      return endedAt;
    }
  }

  /**
   * Begins a repair.
   *
   * @param streams of {@link Mirror#streams}
   * @return empty while another is under way here
   */
  public Optional<Standing> begin(List<String> streams) {
    Job job = new Job(UUID.randomUUID().toString(), clock.instant(), streams);
    synchronized (jobs) {
      forget();
      if (jobs.values().stream().anyMatch(other -> other.endedAt() == null)) {
        return Optional.empty();
      }
      jobs.put(job.id, job);
    }
    worker.execute(() -> run(job));
    return Optional.of(job.standing());
  }

  /** The repair of this id, where this node began it and still knows it. */
  public Optional<Standing> find(String id) {
    synchronized (jobs) {
      forget();
      return Optional.ofNullable(jobs.get(id)).map(Job::standing);
    }
  }

  private void forget() {
    Instant tooOld = clock.instant().minus(KEPT_FOR);
    jobs.values()
        .removeIf(
            job -> {
              Instant endedAt = job.endedAt();
              return endedAt != null && endedAt.isBefore(tooOld);
            });
  }

  private void run(Job job) {
    for (String name : job.names()) {
      Progress progress =
          (stream, phase, done, total) -> job.stands(job.stream(name).at(phase, done, total));
      try {
        job.stands(job.stream(name).completed(mirror.repair(name, progress)));
      } catch (BusFailure | LogUnavailable e) {
        LOG.warn("the repair of {} broke off: {}", name, e.getMessage());
        job.stands(job.stream(name).failed(String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        LOG.error("the repair of {} failed", name, e);
        job.stands(job.stream(name).failed("the server failed; its log has the details"));
      }
    }
    job.end(clock.instant());
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}

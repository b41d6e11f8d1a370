package io.agentflow.projections.engine;

import io.agentflow.projections.PastEvents;
import io.agentflow.projections.Projection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * All projections: how far each is, what it has set aside, and its copy. Whichever node is asked,
 * the database says what holds; each node looks every second which copies are to be filled.
 */
public final class Projections {

  private static final Logger LOG = LoggerFactory.getLogger(Projections.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  private static final int PERCENT = 100;

  private final ProjectionProcessors processors;
  private final DeadLetters deadLetters;
  private final Copies copies;
  private final TableDiff diff;
  private final Redelivery redelivery;
  private final JdbcClient db;
  private final Clock clock;
  private final Semaphore lookNow = new Semaphore(0);
  private volatile boolean running;

  /**
   * Projections that these processors fill.
   *
   * @param transactions of the data source of {@code db}
   */
  public Projections(
      ProjectionProcessors processors,
      PastEvents pastEvents,
      JdbcClient db,
      PlatformTransactionManager transactions,
      Clock clock) {
    this.processors = processors;
    this.deadLetters = new DeadLetters(db);
    this.copies = new Copies(db, transactions);
    this.diff = new TableDiff(db, transactions);
    this.redelivery = new Redelivery(deadLetters, pastEvents, db, transactions);
    this.db = db;
    this.clock = clock;
  }

  /**
   * How a projection stands.
   *
   * @param tables that it fills
   * @param position the last that it has passed
   * @param lagEvents how many events of the log it has not yet passed
   * @param deadLetters aggregates that it has set aside
   * @param copy tables beside them; null where there are none
   */
  public record Standing(
      String name,
      List<String> tables,
      long position,
      long lagEvents,
      long deadLetters,
      @Nullable CopyStanding copy) {}

  /**
   * How a copy stands.
   *
   * @param copy next while it is built; previous once it was asked and is kept
   * @param position the last that it has passed
   * @param lagEvents how many events of the log it has not yet passed
   * @param percent how much of the log it has passed
   * @param eventsPerSecond since it was begun, until it has come to where the log ended then
   * @param secondsLeft until it is there, at that rate; null while that is not known
   * @param switchedAt when it changed places last
   */
  public record CopyStanding(
      String copy,
      long position,
      long lagEvents,
      int percent,
      long eventsPerSecond,
      @Nullable Long secondsLeft,
      long deadLetters,
      Instant startedAt,
      @Nullable Instant switchedAt) {}

  /** Fills the tables that are asked, and from now on also the copies that there are. */
  public void start() {
    processors.projections().forEach(projection -> processors.start(projection, Copy.LIVE));
    running = true;
    Thread.ofPlatform().name("copies").daemon().start(this::followUntilStopped);
  }

  /** Fills nothing any more, once this returns. */
  public void stop() {
    running = false;
    lookNow.release();
    processors.stopAll();
  }

  private void followUntilStopped() {
    while (running) {
      followCopies();
      try {
        if (lookNow.tryAcquire(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
          lookNow.drainPermits();
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether to stop");
      }
    }
  }

  private void followCopies() {
    try {
      List<Copies.Standing> standing = copies.all();
      for (Projection<?> projection : processors.projections()) {
        Optional<Copy> wanted =
            standing.stream()
                .filter(of -> of.projection().equals(projection.name()))
                .map(Copies.Standing::copy)
                .findFirst();
        for (Copy copy : List.of(Copy.NEXT, Copy.PREVIOUS)) {
          if (wanted.filter(copy::equals).isPresent()) {
            processors.start(projection, copy);
          } else {
            processors.stop(projection, copy);
          }
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("cannot see which copies of tables there are; trying again: {}", e.getMessage());
    }
  }

  /** How each stands. */
  public List<Standing> all() {
    List<Copies.Standing> standing = copies.all();
    long head = headPosition();
    return processors.projections().stream()
        .map(
            projection ->
                standing(
                    projection,
                    head,
                    standing.stream()
                        .filter(of -> of.projection().equals(projection.name()))
                        .findFirst()
                        .orElse(null)))
        .toList();
  }

  /**
   * How one stands.
   *
   * @throws UnknownProjection when there is none of this name
   */
  public Standing get(String name) {
    Projection<?> projection = processors.projection(name);
    return standing(projection, headPosition(), copies.of(projection).orElse(null));
  }

  private long headPosition() {
    return db.sql("select position from log.head").query(Long.class).single();
  }

  private Standing standing(Projection<?> projection, long head, Copies.@Nullable Standing copy) {
    long position = processors.applyAsLong(projection.name());
    return new Standing(
        projection.name(),
        projection.tables().stream().map(table -> "views." + table.table()).toList(),
        position,
        Math.max(0, head - position),
        deadLetters.count(projection.name()),
        copy == null ? null : copyStanding(projection, head, copy));
  }

  private CopyStanding copyStanding(Projection<?> projection, long head, Copies.Standing copy) {
    String processor = copy.copy().processor(projection);
    long position = processors.applyAsLong(processor);
    double seconds =
        Math.max(1, Duration.between(copy.startedAt(), clock.instant()).toMillis()) / 1_000.0;
    long perSecond = position >= copy.targetPosition() ? 0 : Math.round(position / seconds);
    long left = Math.max(0, head - position);
    return new CopyStanding(
        copy.copy() == Copy.NEXT ? "next" : "previous",
        position,
        left,
        head == 0 ? PERCENT : (int) Math.min(PERCENT, position * PERCENT / head),
        perSecond,
        left == 0 ? Long.valueOf(0) : perSecond == 0 ? null : Long.valueOf(left / perSecond),
        deadLetters.count(processor),
        copy.startedAt(),
        copy.switchedAt());
  }

  /**
   * Begins to build its tables again, beside those that are asked.
   *
   * @throws ProjectionRefused when there is a copy already
   */
  public Standing rebuild(String name) {
    copies.begin(processors.projection(name));
    lookNow.release();
    return get(name);
  }

  /**
   * Compares the tables that are asked with their copy.
   *
   * @param most so many differences are shown
   * @throws ProjectionRefused when there is no copy
   */
  public TableDiff.Diff diff(String name, int most) {
    Projection<?> projection = processors.projection(name);
    return diff.inSnapshot(
        () -> {
          Copy copy =
              copies
                  .of(projection)
                  .map(Copies.Standing::copy)
                  .orElseThrow(() -> new ProjectionRefused(name + " has no copy"));
          return diff.of(
              projection,
              copy,
              processors.storedPosition(name),
              processors.storedPosition(copy.processor(projection)),
              most);
        });
  }

  /**
   * Names changed places.
   *
   * @param lockedMicros how long readers may have waited, in microseconds
   */
  public record Switched(Standing projection, long lockedMicros) {}

  /**
   * Has the copy asked; the tables that were are kept, and kept up, beside it.
   *
   * @throws ProjectionRefused when there is none, or it is not as far
   */
  public Switched switchOver(String name) {
    return changed(name, Copy.NEXT);
  }

  /**
   * Has those tables asked again that were before the last switch.
   *
   * @throws ProjectionRefused when there are none, or they are not as far
   */
  public Switched rollBack(String name) {
    return changed(name, Copy.PREVIOUS);
  }

  private Switched changed(String name, Copy from) {
    Duration took = copies.change(processors.projection(name), from);
    lookNow.release();
    return new Switched(get(name), took.toNanos() / 1_000);
  }

  /**
   * Drops the copy.
   *
   * @throws ProjectionRefused when there is none
   */
  public Standing discard(String name) {
    copies.discard(processors.projection(name));
    lookNow.release();
    return get(name);
  }

  /** What it has set aside, in the log's order. */
  public List<DeadLetter> deadLetters(String name) {
    return deadLetters.list(processors.projection(name).name());
  }

  /**
   * Tries again what an aggregate did since it was set aside.
   *
   * @return how it stands; empty once all is in the tables
   * @throws UnknownDeadLetter when it is not set aside
   */
  public Optional<DeadLetter> retry(String name, String aggregateId) {
    return redelivered(name, aggregateId, false);
  }

  /**
   * The same without the event that broke: what it did to the tables is given up.
   *
   * @return how it stands; empty once all others are in the tables
   * @throws UnknownDeadLetter when it is not set aside
   */
  public Optional<DeadLetter> drop(String name, String aggregateId) {
    return redelivered(name, aggregateId, true);
  }

  private Optional<DeadLetter> redelivered(String name, String aggregateId, boolean without) {
    Projection<?> projection = processors.projection(name);
    if (redelivery.redeliver(projection, Copy.LIVE, aggregateId, without)) {
      return Optional.empty();
    }
    return deadLetters.list(name).stream()
        .filter(letter -> letter.aggregateId().equals(aggregateId))
        .findFirst();
  }
}

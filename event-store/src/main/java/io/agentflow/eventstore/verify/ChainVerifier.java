package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.verify.Finding.Kind;
import io.agentflow.eventstore.verify.LogSnapshot.OutOfCount;
import io.agentflow.eventstore.verify.StoredEntry.UnexpectedForm;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole log and derives every hash again from the stored bytes. One consistent snapshot
 * is looked at, by several workers, however much is appended meanwhile. Memory holds one entry a
 * worker and one chain's end a tenant, however long the log is.
 *
 * <p>What it cannot see: a chain that was recomputed from some entry to its end, together with the
 * recorded head. Whoever knows an earlier head of the chain can.
 *
 * <p>Every method throws {@link LogUnavailable} when the database does not answer.
 */
public final class ChainVerifier {

  private static final long ENTRIES_PER_RANGE = 50_000;

  private final DataSource dataSource;
  private final int workers;
  private final long entriesPerRange;

  /** A verifier with as many workers as there are processors. */
  public ChainVerifier(DataSource dataSource) {
    this(dataSource, Runtime.getRuntime().availableProcessors());
  }

  /**
   * A verifier with this many workers.
   *
   * @param dataSource gives connections to PostgreSQL's own driver that may read the log
   * @param workers each takes a connection, if it can get one; one of them has to
   */
  public ChainVerifier(DataSource dataSource, int workers) {
    this(dataSource, workers, ENTRIES_PER_RANGE);
  }

  ChainVerifier(DataSource dataSource, int workers, long entriesPerRange) {
    this.dataSource = dataSource;
    this.workers = workers;
    this.entriesPerRange = entriesPerRange;
  }

  /** Verifies the chain of every tenant, and that the positions of all have no gap. */
  public Verification verifyAll() {
    return verifyAll(Progress.NONE);
  }

  /** The same, telling how far it is. */
  public Verification verifyAll(Progress progress) {
    return verifyTenantOrAll(null, progress);
  }

  /** Verifies one tenant's chain; a tenant without entries is whole. */
  public Verification verify(String tenantId) {
    return verify(tenantId, Progress.NONE);
  }

  /** The same, telling how far it is. */
  public Verification verify(String tenantId, Progress progress) {
    return verifyTenantOrAll(tenantId, progress);
  }

  private Verification verifyTenantOrAll(@Nullable String tenantId, Progress progress) {
    try (LogSnapshot snapshot = LogSnapshot.take(dataSource)) {
      return verify(snapshot, tenantId, progress);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new LogUnavailable("the log cannot be read to verify it", e);
    }
  }

  private Verification verify(LogSnapshot snapshot, @Nullable String tenantId, Progress progress)
      throws Exception {
    long startNanos = System.nanoTime();
    Map<String, RecordedHead> heads = snapshot.heads(tenantId);
    List<LogRange> ranges = LogRange.cut(tenantId, heads.values(), entriesPerRange);
    Meter meter = Meter.of(heads.values(), progress);
    long seed = new SecureRandom().nextLong();
    Stitching stitching = new Stitching(new Positions(seed), Stitching.NO_LINES);
    Workers.readAll(
        ranges.size(),
        workers,
        worker -> {
          LogSnapshot own = worker == 0 ? snapshot : snapshot.join();
          StoredEntry entry = new StoredEntry();
          return new Workers.Source() {
            @Override
            public void read(int range) throws Exception {
              RangeWalk walk = new RangeWalk(new Positions(seed));
              try (EntryCopy copy = new EntryCopy(own.connection(), ranges.get(range), entry)) {
                follow(copy, walk, meter);
              }
              stitching.add(range, walk);
            }

            @Override
            public void close() throws SQLException {
              if (own != snapshot) {
                own.close();
              }
            }
          };
        });
    List<TenantVerification> tenants = stitching.compareWith(heads);
    boolean allChainsWhole = tenants.stream().allMatch(TenantVerification::valid);
    Finding finding =
        tenantId == null && allChainsWhole
            ? positionFinding(snapshot, stitching.positions())
            : null;
    return Verification.of(tenants, finding, System.nanoTime() - startNanos);
  }

  private static void follow(EntryCopy copy, RangeWalk walk, Meter meter)
      throws SQLException, UnexpectedForm {
    int read = 0;
    for (StoredEntry entry = copy.next(); entry != null; entry = copy.next()) {
      walk.step(entry, 0);
      if (++read == Meter.REPORT_ENTRIES) {
        meter.add(read);
        read = 0;
      }
    }
    walk.end();
    meter.add(read);
  }

  /** Positions are outside the hashes: what is wrong with them alone is looked for by itself. */
  private static @Nullable Finding positionFinding(LogSnapshot snapshot, Positions positions)
      throws SQLException {
    long recorded = snapshot.headPosition();
    if (!positions.isGapless()) {
      Optional<OutOfCount> found = snapshot.firstOutOfCount();
      if (found.isPresent()) {
        return positionFinding(found.get());
      }
    }
    if (recorded == positions.count()) {
      return null;
    }
    return new Finding(
        recorded > positions.count() ? Kind.MISSING_TAIL : Kind.HEAD_DIFFERS,
        0,
        null,
        null,
        "each chain is whole, but the log ends at position %d and not where its writer recorded"
            .formatted(positions.count()),
        "an end at position " + recorded,
        "an end at position " + positions.count());
  }

  private static Finding positionFinding(OutOfCount entry) {
    boolean twice = entry.position() == entry.positionBefore();
    return new Finding(
        twice ? Kind.DUPLICATE_POSITION : Kind.MISSING_ENTRY,
        entry.tenantPosition(),
        entry.position(),
        null,
        "each chain is whole, but in the log position %d comes after %d: see entry %d of tenant %s"
            .formatted(
                entry.position(), entry.positionBefore(), entry.tenantPosition(), entry.tenantId()),
        "position " + (entry.positionBefore() + 1),
        "position " + entry.position());
  }
}

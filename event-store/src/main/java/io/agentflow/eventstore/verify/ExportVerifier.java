package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.verify.Finding.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a file that {@link LogExport} wrote, without a database and without a server: the same
 * chains, the same findings, and the line of each. Memory holds a stretch of the file a worker and
 * one chain's end a tenant, however long the file is.
 *
 * <p>An export of one tenant shows whether its chain is whole; whether the log's positions have a
 * gap is seen in an export of all.
 */
public final class ExportVerifier {

  private static final long BYTES_PER_RANGE = 16L << 20;

  private final int workers;
  private final long bytesPerRange;

  /** A verifier with as many workers as there are processors. */
  public ExportVerifier() {
    this(Runtime.getRuntime().availableProcessors());
  }

  public ExportVerifier(int workers) {
    this(workers, BYTES_PER_RANGE);
  }

  ExportVerifier(int workers, long bytesPerRange) {
    this.workers = workers;
    this.bytesPerRange = bytesPerRange;
  }

  /**
   * Verifies all chains in the file.
   *
   * @throws UnreadableExport when it is no export of a known version, or not all of one
   * @throws IOException when it cannot be read
   */
  public Verification verify(Path export, Progress progress) throws IOException {
    try (FileChannel file = FileChannel.open(export, StandardOpenOption.READ)) {
      return verify(file, progress);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the export could not be verified", e);
    }
  }

  private Verification verify(FileChannel file, Progress progress) throws Exception {
    long startNanos = System.nanoTime();
    ExportHeader header = ExportHeader.read(file);
    long entriesAt = header.entriesAt();
    long end = file.size();
    int ranges = Math.toIntExact(Math.ceilDiv(end - entriesAt, bytesPerRange));
    Meter meter = new Meter(progress, header.entries());
    long seed = new SecureRandom().nextLong();
    Stitching stitching = new Stitching(new Positions(seed), 1L + header.heads().size());
    Workers.readAll(
        ranges,
        workers,
        worker -> {
          ExportLines lines = new ExportLines(file);
          ExportedEntry entry = new ExportedEntry();
          return new Workers.Source() {
            @Override
            public void read(int range) throws IOException {
              long from = entriesAt + range * bytesPerRange;
              lines.turnTo(from, Math.min(end, from + bytesPerRange));
              RangeWalk walk = new RangeWalk(new Positions(seed));
              follow(lines, entry, walk, meter);
              stitching.add(range, walk);
            }

            @Override
            public void close() {}
          };
        });
    List<TenantVerification> tenants = stitching.compareWith(header.heads());
    boolean allChainsWhole = tenants.stream().allMatch(TenantVerification::valid);
    Positions positions = stitching.positions();
    if (allChainsWhole && positions.count() != header.entries()) {
      throw new UnreadableExport(
          "line 1 counts %d entries, but there are %d"
              .formatted(header.entries(), positions.count()));
    }
    Finding finding =
        allChainsWhole && header.tenantId() == null ? positionFinding(header, positions) : null;
    return Verification.of(tenants, finding, System.nanoTime() - startNanos);
  }

  private static void follow(ExportLines lines, ExportedEntry entry, RangeWalk walk, Meter meter)
      throws IOException {
    long line = 0;
    int read = 0;
    while (lines.next()) {
      line++;
      if (!entry.read(lines.bytes(), lines.lineFrom(), lines.lineTo())) {
        walk.endUnreadable(line);
        return;
      }
      walk.step(entry, line);
      if (++read == Meter.REPORT_ENTRIES) {
        meter.add(read);
        read = 0;
      }
    }
    walk.end();
    meter.add(read);
  }

  private static @Nullable Finding positionFinding(ExportHeader header, Positions positions) {
    if (positions.isGapless() && positions.count() == header.headPosition()) {
      return null;
    }
    return new Finding(
        Kind.MISPLACED_ENTRY,
        0,
        null,
        null,
        "each chain is whole, but the positions are not 1 to %d, each once"
            .formatted(header.headPosition()),
        "positions 1 to " + header.headPosition(),
        "%d positions of which some are others".formatted(positions.count()));
  }
}

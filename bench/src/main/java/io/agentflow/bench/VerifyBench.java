package io.agentflow.bench;

import io.agentflow.bench.Contest.Effort;
import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.ExportVerifier;
import io.agentflow.eventstore.verify.LogExport;
import io.agentflow.eventstore.verify.Progress;
import io.agentflow.eventstore.verify.Verification;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;

/** Deriving every hash again, from the database and from a file, beside hashing alone. */
final class VerifyBench {

  private static final long ENTRIES = 1_000_000;
  private static final long ENTRIES_QUICK = 20_000;

  private VerifyBench() {}

  static Result run(Effort effort) throws Exception {
    Path export = Files.createTempFile("agentflow-bench", ".ndjson");
    try (FilledLog filled = new FilledLog(effort.isQuick() ? ENTRIES_QUICK : ENTRIES)) {
      LogExport exporting = new LogExport(filled.database().application());
      write(exporting, export);
      int recordBytes = Math.toIntExact(Files.size(export) / filled.entries()) - 165;
      ChainVerifier one = new ChainVerifier(filled.database().application(), 1);
      ChainVerifier two = new ChainVerifier(filled.database().application(), 2);
      Figures figures =
          new Figures(
              new Contest(effort)
                  .once(
                      "SHA-256 alone, one core", filled.entries(), () -> hash(filled, recordBytes))
                  .once(
                      "database, 1 worker", filled.entries(), () -> check(one.verifyAll(), filled))
                  .once(
                      "database, 2 workers", filled.entries(), () -> check(two.verifyAll(), filled))
                  .once(
                      "export file, 1 worker",
                      filled.entries(),
                      () -> check(new ExportVerifier(1).verify(export, Progress.NONE), filled))
                  .once(
                      "export file, 2 workers",
                      filled.entries(),
                      () -> check(new ExportVerifier(2).verify(export, Progress.NONE), filled))
                  .once("writing the export", filled.entries(), () -> write(exporting, export))
                  .run());
      return new Result(
          "verify",
          Machine.describe(),
          Machine.postgres(filled.database().application()),
          Map.of(
              "entries",
              filled.entries(),
              "recordBytes",
              recordBytes,
              "exportMiB",
              Files.size(export) >> 20),
          figures.all(),
          List.of(
              Target.atLeast(
                  "from the database, 2 workers",
                  (double) figures.of("database, 2 workers", 1).perSecond(),
                  500_000,
                  "entries/s"),
              Target.atLeast(
                  "from an export file, 2 workers",
                  (double) figures.of("export file, 2 workers", 1).perSecond(),
                  2_000_000,
                  "entries/s"),
              Machine.heapWithin(256)));
    } finally {
      Files.delete(export);
    }
  }

  private static void check(Verification verification, FilledLog filled) {
    if (!verification.valid() || verification.entries() != filled.entries()) {
      throw new IllegalStateException("the log that was measured is not whole: " + verification);
    }
  }

  private static void write(LogExport exporting, Path export) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(export), 1 << 16)) {
      exporting.writeAll(out, Progress.NONE);
    }
  }

  private static void hash(FilledLog filled, int recordBytes) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] previous = new byte[32];
    byte[] record = new byte[recordBytes];
    for (long entry = 0; entry < filled.entries(); entry++) {
      digest.update(previous);
      digest.update(record);
      previous = digest.digest();
    }
  }
}

package io.agentflow.cli.runs;

import java.util.List;

/**
 * What an import did.
 *
 * @param imported runs that are recorded now, because of this import
 * @param alreadyImported runs that were recorded before
 * @param commands commands that were sent
 * @param skipped lines that are not in the log, and why
 * @param lastPosition the last position of the log that a command answered; 0 when none was sent
 */
public record ImportReport(
    long runs,
    long imported,
    long alreadyImported,
    long commands,
    long tokens,
    long microDollars,
    List<SkippedLine> skipped,
    long lastPosition,
    long durationMs) {

  /** A line that was not imported. */
  public record SkippedLine(long line, String problem) {}
}

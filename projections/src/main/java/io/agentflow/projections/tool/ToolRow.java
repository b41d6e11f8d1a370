package io.agentflow.projections.tool;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a tool was used for so far.
 *
 * @param calls that were recorded, and attempts at steps that were handed out
 * @param open of these, the ones that have not ended
 * @param failures attempts that failed; what a recorded call returned is not judged
 * @param averageMillis from call to end, of those that ended; null where none has
 * @param microDollars used by all; 1,000,000 are a dollar
 * @param lastPosition where the first event of the last call stands in the log
 */
public record ToolRow(
    String tool,
    long calls,
    long open,
    long failures,
    @Nullable Long averageMillis,
    long tokens,
    long microDollars,
    Instant lastCalledAt,
    long lastPosition) {}

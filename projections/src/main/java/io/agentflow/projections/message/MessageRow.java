package io.agentflow.projections.message;

import java.time.Instant;

/**
 * A message as it was recorded.
 *
 * @param messageId unique in the workflow
 * @param role system, user, assistant or tool
 * @param tokens used by it
 * @param microDollars used by it; 1,000,000 are a dollar
 * @param version the sequence number of its event in the workflow
 * @param position where that event stands in the log
 */
public record MessageRow(
    String workflowId,
    String messageId,
    String role,
    String from,
    String to,
    String content,
    long tokens,
    long microDollars,
    long version,
    long position,
    Instant createdAt) {}

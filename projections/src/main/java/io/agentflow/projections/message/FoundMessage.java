package io.agentflow.projections.message;

import io.agentflow.projections.Snippet;
import java.time.Instant;
import java.util.List;

/**
 * A message in which words were found.
 *
 * @param messageId unique in the workflow
 * @param role system, user, assistant or tool
 * @param snippet a part of what was said, with the words marked
 * @param version the sequence number of its event in the workflow
 * @param position where that event stands in the log
 */
public record FoundMessage(
    String workflowId,
    String messageId,
    String role,
    String from,
    String to,
    List<Snippet.Part> snippet,
    long version,
    long position,
    Instant createdAt) {}

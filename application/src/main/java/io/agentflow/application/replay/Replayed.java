package io.agentflow.application.replay;

/**
 * A history that was published again.
 *
 * @param subject what to subscribe to for exactly this replay
 * @param messages how many were published and acknowledged
 */
public record Replayed(String replayId, String workflowId, String subject, long messages) {}

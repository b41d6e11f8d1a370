package io.agentflow.application.intake;

/**
 * What a command answers once it is appended.
 *
 * @param id the aggregate that it created or changed
 * @param version the aggregate's last sequence number, from 0
 * @param position where that event stands in the log
 * @param hash that event's link in the tenant's chain, as hex
 */
public record CommandAnswer(String id, long version, long position, String hash) {}

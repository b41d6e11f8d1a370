package io.agentflow.eventstore;

/**
 * Under what a request is carried out once.
 *
 * @param principal who asks
 * @param route the method and the path that are asked
 * @param key what the client calls the request
 */
public record ReceiptKey(String tenantId, String principal, String route, String key) {}

package io.agentflow.domain.tenant;

/**
 * That somebody has a role.
 *
 * @param principal the subject of its tokens
 * @param role in the word of access
 * @param bound false once it was taken away again
 */
public record Binding(String principal, String role, Scope scope, boolean bound) {}

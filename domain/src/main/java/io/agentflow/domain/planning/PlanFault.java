package io.agentflow.domain.planning;

/**
 * Something that makes a plan inadmissible.
 *
 * @param at where, as a path into the definition: {@code steps[3].needs}
 * @param fault what is wrong and what would be right, reading on from the path
 */
public record PlanFault(String at, String fault) {}

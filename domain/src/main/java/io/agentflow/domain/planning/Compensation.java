package io.agentflow.domain.planning;

/**
 * What undoes a completed step: a call of a tool.
 *
 * @param input what the tool is given, as text; JSON where the plan gave an object
 */
public record Compensation(String tool, String input) {}

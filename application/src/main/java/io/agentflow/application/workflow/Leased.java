package io.agentflow.application.workflow;

import io.agentflow.application.Answer;
import io.agentflow.application.Decided;
import org.jspecify.annotations.Nullable;

/**
 * What became of the wish to hand out a step.
 *
 * @param lease null where people have to be asked first
 */
public record Leased(Decided decided, @Nullable Lease lease) implements Answer {}

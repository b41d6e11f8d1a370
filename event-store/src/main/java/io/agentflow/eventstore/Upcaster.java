package io.agentflow.eventstore;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.UnaryOperator;

/**
 * Turns the JSON of an event that was stored under an earlier name or version into that of a later
 * one, when it is read. The log itself never changes.
 *
 * @param from what the log has
 * @param to what the change makes of it: a type that a class is read from, or one that the next
 *     upcaster takes
 * @param change gets the payload as it was stored and answers it in the later form
 */
public record Upcaster(EventType from, EventType to, UnaryOperator<ObjectNode> change) {}

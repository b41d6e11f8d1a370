package io.agentflow.eventstore.postgres;

/**
 * Where the log ends. Every append moves the position, so whoever finds it unmoved knows that
 * nothing else was appended meanwhile, and that all it knows of the log still holds.
 *
 * @param fence moved when the outcome of an append has to be looked up
 */
record LogHead(long position, long fence) {}

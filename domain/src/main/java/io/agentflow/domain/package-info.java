/**
 * What may happen: commands in, events or a refusal out. Pure functions over records; nothing here
 * reads a clock, draws a random number or does I/O.
 */
@NullMarked
package io.agentflow.domain;

import org.jspecify.annotations.NullMarked;

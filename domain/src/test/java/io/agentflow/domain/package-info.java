/** Deciders called with values: no framework, no clock, no disk. */
@NullMarked
package io.agentflow.domain;

import org.jspecify.annotations.NullMarked;

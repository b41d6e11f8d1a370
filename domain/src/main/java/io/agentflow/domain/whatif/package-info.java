/**
 * What would have been decided otherwise: recorded histories judged by another rule than the one
 * that was in force. Pure: a history and a rule always give the same answer.
 */
@NullMarked
package io.agentflow.domain.whatif;

import org.jspecify.annotations.NullMarked;

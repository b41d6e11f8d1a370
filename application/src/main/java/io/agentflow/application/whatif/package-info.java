/**
 * What would have been under another rule: recorded histories judged again, beside everything else,
 * without a call to anyone and without a trace in the log.
 */
@NullMarked
package io.agentflow.application.whatif;

import org.jspecify.annotations.NullMarked;

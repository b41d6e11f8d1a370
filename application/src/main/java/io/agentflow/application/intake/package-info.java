/** What every request passes: who calls, how large it may be, how a refusal reads. */
@NullMarked
package io.agentflow.application.intake;

import org.jspecify.annotations.NullMarked;

/** Tokens and money that cannot be overspent: reserve, settle, release. */
@NullMarked
package io.agentflow.domain.budget;

import org.jspecify.annotations.NullMarked;

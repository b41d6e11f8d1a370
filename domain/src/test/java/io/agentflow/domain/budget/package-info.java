/** Budgets, decided and evolved. */
@NullMarked
package io.agentflow.domain.budget;

import org.jspecify.annotations.NullMarked;

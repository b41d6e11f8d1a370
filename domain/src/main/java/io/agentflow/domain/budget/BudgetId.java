package io.agentflow.domain.budget;

import io.agentflow.domain.Checks;

/** Names a budget among those of all tenants: a UUID in lower case. */
public record BudgetId(String value) {
  public BudgetId {
    Checks.uuid("budgetId", value);
  }
}

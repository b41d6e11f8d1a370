package io.agentflow.domain.schedule;

import io.agentflow.domain.Checks;

/** Names a schedule among those of all tenants: a UUID in lower case. */
public record ScheduleId(String value) {
  public ScheduleId {
    Checks.uuid("scheduleId", value);
  }
}

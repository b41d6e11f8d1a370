package io.agentflow.domain;

import io.agentflow.domain.agent.AgentEvent;
import io.agentflow.domain.budget.BudgetEvent;
import io.agentflow.domain.schedule.ScheduleEvent;
import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.workflow.WorkflowEvent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every event that can happen, by its class. */
public final class EventNames {

  private static final List<Class<?>> FAMILIES =
      List.of(
          WorkflowEvent.class,
          AgentEvent.class,
          BudgetEvent.class,
          ScheduleEvent.class,
          TenantEvent.class);

  private EventNames() {}

  /**
   * Each event's class with its spoken name and version.
   *
   * @throws IllegalStateException when an event has no name or shares it with another
   */
  public static Map<Class<?>, EventName> byClass() {
    Map<Class<?>, EventName> names = new LinkedHashMap<>();
    for (Class<?> family : FAMILIES) {
      for (Class<?> event : eventsOf(family)) {
        EventName name = event.getAnnotation(EventName.class);
        if (name == null) {
          throw new IllegalStateException(event.getName() + " has no @EventName");
        }
        if (names.containsValue(name)) {
          throw new IllegalStateException("two events are called " + name);
        }
        names.put(event, name);
      }
    }
    return names;
  }

  private static List<Class<?>> eventsOf(Class<?> family) {
    return Arrays.stream(family.getPermittedSubclasses())
        .<Class<?>>mapMulti(
            (permitted, found) -> {
              if (permitted.isInterface()) {
                eventsOf(permitted).forEach(found);
              } else {
                found.accept(permitted);
              }
            })
        .toList();
  }
}

package io.agentflow.application.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.EventNames;
import io.agentflow.domain.InvalidField;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventFilterTest {

  private static LogEntry entry(String type, String aggregateId, String payload) {
    return new LogEntry(
        7,
        "acme",
        1,
        UUID.fromString("018f4e6a-0000-7000-8000-00000000eeee"),
        type.substring(0, type.indexOf('.')),
        aggregateId,
        0,
        type,
        1,
        Instant.EPOCH,
        "{}",
        payload.replace('\'', '"'),
        Hash.GENESIS,
        Hash.GENESIS);
  }

  private static boolean passes(LogEntry entry, @Nullable String types, @Nullable String workflow) {
    return EventFilter.of("acme", types, null, workflow).passes(entry);
  }

  private static final LogEntry STARTED = entry("workflow.started", "wf", "{'workflowId':'wf'}");

  @Test
  void a_star_stands_for_whatever_follows() {
    assertThat(passes(STARTED, "workflow.*", null)).isTrue();
    assertThat(passes(STARTED, "budget.*, workflow.st*", null)).isTrue();
    assertThat(passes(STARTED, "budget.*,workflow.step-*", null)).isFalse();
    assertThat(TypePatterns.read("*"))
        .containsAll(EventNames.byClass().values().stream().map(name -> name.value()).toList());
  }

  @Test
  void an_unknown_type_is_refused_with_what_is_near() {
    assertThatThrownBy(() -> passes(STARTED, "workflow.started,budget.reservd", null))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("\"budget.reservd\"")
        .hasMessageContaining("near are budget.reserved");
    assertThatThrownBy(() -> passes(STARTED, "flow.*", null)).isInstanceOf(InvalidField.class);
  }

  @Test
  void of_budgets_and_schedules_passes_what_names_the_workflow() {
    assertThat(passes(STARTED, null, "wf")).isTrue();
    assertThat(passes(entry("schedule.fired", "s", "{'workflowId':'wf'}"), null, "wf")).isTrue();
    assertThat(passes(entry("budget.reserved", "b", "{'reservationId':'wf:a:1'}"), null, "wf"))
        .isTrue();
  }

  @Test
  void what_only_looks_like_the_workflow_does_not_pass() {
    assertThat(passes(entry("budget.reserved", "b", "{'reservationId':'wf2:a:1'}"), null, "wf"))
        .isFalse();
    assertThat(passes(entry("budget.opened", "b", "{'name':'for wf'}"), null, "wf")).isFalse();
    assertThat(passes(entry("workflow.created", "x", "{'workflowId':'x','name':'wf'}"), null, "wf"))
        .isFalse();
  }

  @Test
  void another_tenants_entry_never_passes() {
    assertThat(EventFilter.of("other", null, null, null).passes(STARTED)).isFalse();
  }
}

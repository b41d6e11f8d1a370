package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectTest {

  static LogEntry entry(String aggregateType, String eventType, String metadata, String payload) {
    return new LogEntry(
        12,
        "acme",
        7,
        UUID.fromString("018f4e6a-0000-7000-8000-00000000eeee"),
        aggregateType,
        "018f4e6a-0000-7000-8000-000000000001",
        3,
        eventType,
        1,
        Instant.parse("2026-01-02T03:04:05.000006Z"),
        metadata,
        payload,
        Hash.GENESIS,
        Hash.ofHex("ab".repeat(32)));
  }

  @ParameterizedTest
  @CsvSource({
    "workflow, workflow.created, AF_MESSAGES, af.acme.workflows.018f4e6a-0000-7000-8000-000000000001.out",
    "workflow, workflow.message-recorded, AF_MESSAGES, af.acme.workflows.018f4e6a-0000-7000-8000-000000000001.out",
    "workflow, workflow.tool-called, AF_TOOLS, af.acme.tools.calls",
    "workflow, workflow.tool-returned, AF_TOOLS, af.acme.tools.audit",
    "agent, agent.registered, AF_MESSAGES, af.acme.agents.018f4e6a-0000-7000-8000-000000000001.out",
    "budget, budget.reserved, AF_SYSTEM, af.acme.budgets.018f4e6a-0000-7000-8000-000000000001.out",
    "schedule, schedule.fired, AF_SYSTEM, af.acme.schedules.018f4e6a-0000-7000-8000-000000000001.out",
    "tenant, tenant.role-bound, AF_SYSTEM, af.acme.system.access"
  })
  void each_entry_has_one_stream_and_one_subject(
      String aggregateType, String eventType, BusStream stream, String subject) {
    Subject found = Subject.of(entry(aggregateType, eventType, "{}", "{}"));

    assertThat(found.stream()).isEqualTo(stream);
    assertThat(found.name()).isEqualTo(subject);
    assertThat(found.replayed("r1")).isEqualTo(subject.replace("af.acme.", "af.acme.replay.r1."));
  }

  @Test
  void a_step_that_is_handed_out_is_told_to_its_agent() {
    Subject found =
        Subject.of(entry("workflow", "workflow.step-assigned", "{}", "{\"agentId\":\"agent-7\"}"));

    assertThat(found.stream()).isEqualTo(BusStream.AF_MESSAGES);
    assertThat(found.name()).isEqualTo("af.acme.agents.agent-7.in");
  }

  @Test
  void an_aggregate_that_no_stream_is_meant_for_is_refused() {
    assertThatThrownBy(() -> Subject.of(entry("robot", "robot.moved", "{}", "{}")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

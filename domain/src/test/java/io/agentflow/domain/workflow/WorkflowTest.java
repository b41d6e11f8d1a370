package io.agentflow.domain.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Checks;
import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.workflow.WorkflowCommand.CompleteWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.FailWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolCall;
import io.agentflow.domain.workflow.WorkflowCommand.RecordToolResult;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.domain.workflow.WorkflowEvent.ToolReturned;
import io.agentflow.domain.workflow.WorkflowRejection.DifferentWorkflowExists;
import io.agentflow.domain.workflow.WorkflowRejection.MessageDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.ToolCallDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.ToolCallsOpen;
import io.agentflow.domain.workflow.WorkflowRejection.ToolResultDiffers;
import io.agentflow.domain.workflow.WorkflowRejection.TotalTooLarge;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownToolCall;
import io.agentflow.domain.workflow.WorkflowRejection.UnknownWorkflow;
import io.agentflow.domain.workflow.WorkflowRejection.WrongPhase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkflowTest {

  private static final WorkflowId ID = new WorkflowId("018f4e6a-0000-7000-8000-000000000001");
  private static final AgentId AGENT = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  private static final StartWorkflow START = new StartWorkflow(ID, Instant.EPOCH);
  private static final CompleteWorkflow COMPLETE = new CompleteWorkflow(ID, "done");

  private final Histories<WorkflowCommand, WorkflowEvent, Workflow, WorkflowRejection> workflow =
      new Histories<>(Workflow.initial(), Workflow::decide, Workflow::evolve);

  private static CreateWorkflow create(String name) {
    return new CreateWorkflow(ID, name, "book a flight", AGENT, null, Map.of("task", "1"));
  }

  private static RecordMessage message(String id, String content) {
    return new RecordMessage(ID, id, Role.USER, "user", "bot", content, Spend.of(3, 7), null);
  }

  private static RecordToolCall call(String id, String arguments) {
    return new RecordToolCall(ID, id, AGENT, "search", arguments, Spend.of(5, 50), null);
  }

  private static RecordToolResult result(String id, String text) {
    return new RecordToolResult(ID, id, text, Spend.of(2, 4), null);
  }

  @Test
  void a_run_is_recorded_from_creation_to_completion_with_absolute_totals() {
    workflow.given(
        create("run"), START, message("m1", "hi"), call("c1", "{}"), result("c1", "ok"), COMPLETE);

    assertThat(workflow.events()).hasSize(6);
    assertThat(workflow.events().get(4))
        .isEqualTo(new ToolReturned(ID.value(), "c1", "search", "ok", 2, 4, 10, 61));
    assertThat(workflow.state().phase()).isEqualTo("completed");
  }

  @Test
  void creating_again_with_the_same_description_is_already_so() {
    workflow.given(create("run"), START).isAlreadySo(create("run"));
  }

  @Test
  void creating_again_with_another_description_is_refused() {
    workflow.given(create("run")).refuses(create("other"), new DifferentWorkflowExists(ID.value()));
  }

  @Test
  void nothing_is_recorded_before_the_start() {
    workflow
        .given(create("run"))
        .refuses(message("m1", "hi"), new WrongPhase("record a message in", "created", "running"));
  }

  @Test
  void nothing_is_recorded_in_a_workflow_that_does_not_exist() {
    workflow.refuses(START, new UnknownWorkflow(ID.value()));
    workflow.refuses(message("m1", "hi"), new UnknownWorkflow(ID.value()));
    workflow.refuses(result("c1", "ok"), new UnknownWorkflow(ID.value()));
    workflow.refuses(COMPLETE, new UnknownWorkflow(ID.value()));
  }

  @Test
  void nothing_new_is_recorded_after_the_end() {
    workflow
        .given(create("run"), START, COMPLETE)
        .refuses(
            message("m2", "late"), new WrongPhase("record a message in", "completed", "running"));
  }

  @Test
  void what_was_recorded_may_be_sent_again_even_after_the_end() {
    workflow.given(
        create("run"), START, message("m1", "hi"), call("c1", "{}"), result("c1", "ok"), COMPLETE);

    workflow.isAlreadySo(START);
    workflow.isAlreadySo(message("m1", "hi"));
    workflow.isAlreadySo(call("c1", "{}"));
    workflow.isAlreadySo(result("c1", "ok"));
    workflow.isAlreadySo(COMPLETE);
  }

  @Test
  void an_id_that_comes_again_with_other_content_is_refused() {
    workflow.given(create("run"), START, message("m1", "hi"), call("c1", "{}"), result("c1", "ok"));

    workflow.refuses(message("m1", "ho"), new MessageDiffers("m1"));
    workflow.refuses(call("c1", "[]"), new ToolCallDiffers("c1"));
    workflow.refuses(result("c1", "no"), new ToolResultDiffers("c1"));
  }

  @Test
  void a_result_needs_its_call() {
    workflow.given(create("run"), START).refuses(result("c9", "ok"), new UnknownToolCall("c9"));
  }

  @Test
  void a_workflow_with_open_calls_may_fail_but_not_complete() {
    workflow.given(create("run"), START, call("c1", "{}"), call("c2", "{}"), result("c1", "ok"));

    workflow.refuses(COMPLETE, new ToolCallsOpen(List.of("c2")));
    workflow.given(new FailWorkflow(ID, "gave up"));
    assertThat(workflow.state().phase()).isEqualTo("failed");
  }

  @Test
  void a_finished_workflow_does_not_end_another_way() {
    workflow
        .given(create("run"), START, COMPLETE)
        .refuses(new FailWorkflow(ID, "after all"), new WrongPhase("fail", "completed", "running"));
  }

  @Test
  void a_total_that_json_cannot_carry_is_refused() {
    RecordMessage dear =
        new RecordMessage(
            ID, "m1", Role.USER, "user", "bot", "hi", Spend.of(Checks.EXACT_INTEGER_MAX, 0), null);
    workflow.given(create("run"), START, dear);

    workflow.refuses(message("m2", "one more"), new TotalTooLarge());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000b", "\uD800", "x\uDC00"})
  void text_that_cannot_be_stored_is_refused_before_anything_is_decided(String content) {
    assertThatThrownBy(() -> message("m1", content))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("content must not contain");
  }

  /** Whatever the history: the same command delivered twice records once. */
  @Test
  void any_command_delivered_twice_records_once() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      var history =
          new Histories<WorkflowCommand, WorkflowEvent, Workflow, WorkflowRejection>(
              Workflow.initial(), Workflow::decide, Workflow::evolve);
      for (int step = 0; step < 40; step++) {
        WorkflowCommand command = anyCommand(random);
        if (history.when(command) instanceof Accepted) {
          assertThat(history.when(command))
              .as("seed %d, run %d, step %d: %s", seed, run, step, command)
              .isEqualTo(Decision.<WorkflowEvent, WorkflowRejection>alreadySo());
        }
      }
      assertTotalsAreSums(history.events(), seed);
    }
  }

  private static void assertTotalsAreSums(List<WorkflowEvent> events, long seed) {
    long tokens = 0;
    for (WorkflowEvent event : events) {
      if (event instanceof MessageRecorded said) {
        tokens += said.tokens();
        assertThat(said.totalTokens()).as("seed %d", seed).isEqualTo(tokens);
      } else if (event instanceof WorkflowEvent.ToolCalled called) {
        tokens += called.tokens();
      } else if (event instanceof ToolReturned returned) {
        tokens += returned.tokens();
      }
    }
  }

  private static WorkflowCommand anyCommand(Random random) {
    String id = "id" + random.nextInt(6);
    String content = "content" + random.nextInt(3);
    return switch (random.nextInt(20)) {
      case 0, 1, 2 -> create("run");
      case 3, 4 -> START;
      case 5 -> new CompleteWorkflow(ID, content);
      case 6 -> new FailWorkflow(ID, content);
      case 7, 8, 9, 10 -> call(id, content);
      case 11, 12, 13, 14 -> result(id, content);
      default -> message(id, content);
    };
  }
}

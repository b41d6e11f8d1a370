package io.agentflow.application.history;

import io.agentflow.application.StoredEvents;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Spend;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.planning.PlanFacts;
import io.agentflow.domain.planning.StepDraft;
import io.agentflow.domain.workflow.PlanRun;
import io.agentflow.domain.workflow.Role;
import io.agentflow.domain.workflow.RunCommand.AssignStep;
import io.agentflow.domain.workflow.RunCommand.CancelWorkflow;
import io.agentflow.domain.workflow.RunCommand.CompleteStep;
import io.agentflow.domain.workflow.RunCommand.FailStep;
import io.agentflow.domain.workflow.RunCommand.PauseWorkflow;
import io.agentflow.domain.workflow.RunCommand.ProposePlan;
import io.agentflow.domain.workflow.RunCommand.ResumeWorkflow;
import io.agentflow.domain.workflow.RunCommand.SendSignal;
import io.agentflow.domain.workflow.Workflow;
import io.agentflow.domain.workflow.WorkflowCommand;
import io.agentflow.domain.workflow.WorkflowCommand.CreateWorkflow;
import io.agentflow.domain.workflow.WorkflowCommand.RecordMessage;
import io.agentflow.domain.workflow.WorkflowCommand.StartWorkflow;
import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * A history of one workflow, drawn by a seed, as it would stand in a tenant's log among entries of
 * others.
 */
final class RandomHistory {

  static final WorkflowId ID = new WorkflowId("018f4e6a-0000-7000-8000-000000000001");
  private static final AgentId AGENT = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  private static final List<String> STEPS = List.of("collect", "parse", "hold", "send");
  private static final int COMMANDS = 60;
  private static final SpokenNameSerializer SERIALIZER =
      new SpokenNameSerializer(StoredEvents.known());

  private final Random random;
  private final List<LogEntry> entries = new ArrayList<>();
  private Workflow state = Workflow.initial();
  private Instant now = Instant.parse("2026-01-02T03:04:05.678901Z");
  private long tenantPosition;
  private Hash head = Hash.GENESIS;

  private RandomHistory(long seed) {
    this.random = new Random(seed);
  }

  static List<LogEntry> entries(long seed) {
    RandomHistory history = new RandomHistory(seed);
    history.live();
    return List.copyOf(history.entries);
  }

  /** The same for a test that needs one in which a plan is carried out for a while. */
  static List<LogEntry> eventful(long seed) {
    for (long next = seed; ; next++) {
      List<LogEntry> entries = entries(next);
      if (entries.stream().filter(entry -> entry.eventType().contains("step-")).count() >= 10) {
        return entries;
      }
    }
  }

  private void live() {
    send(new CreateWorkflow(ID, "run", "ship \"it\" ✓", null, null, Map.of("team", "a")));
    for (int i = 0; i < COMMANDS; i++) {
      now = now.plusMillis(random.nextInt(4_000));
      send(next(i));
    }
  }

  private void send(WorkflowCommand command) {
    if (Workflow.decide(command, state) instanceof Accepted<WorkflowEvent, ?>(var events)) {
      events.forEach(this::append);
    }
  }

  private WorkflowCommand next(int drawn) {
    PlanRun run = Workflow.runOf(state);
    String stepId = STEPS.get(random.nextInt(STEPS.size()));
    String held = run.step(stepId).leaseToken();
    String lease = held == null ? "none" : held;
    Spend spend = Spend.of(random.nextInt(50), random.nextInt(900));
    return switch (random.nextInt(state instanceof Workflow.Created ? 3 : 14)) {
      case 0 ->
          new ProposePlan(
              ID,
              StepDraft.plan(
                  StepDraft.work("collect"),
                  StepDraft.work("parse", "collect").attempts(2),
                  StepDraft.waiting("hold", 0, "go").needs("collect"),
                  StepDraft.work("send", "parse", "hold")),
              AutonomyMode.FULL_AUTO,
              0,
              PlanFacts.NONE,
              "planner",
              now);
      case 1, 2 -> new StartWorkflow(ID, now);
      case 3 -> new RecordMessage(ID, "m" + drawn, Role.USER, "ann", "bot", "häl\nlo", spend, null);
      case 4 -> new PauseWorkflow(ID, "lunch");
      case 5 -> new ResumeWorkflow(ID, now);
      case 6 -> new SendSignal(ID, "s" + drawn, "go", "{}", now);
      case 7 -> new FailStep(ID, stepId, lease, "broken", random.nextBoolean(), spend, now);
      case 8, 9, 10 -> new CompleteStep(ID, stepId, lease, "done " + drawn, spend, now);
      case 11 ->
          random.nextInt(9) == 0
              ? new CancelWorkflow(ID, "not wanted", now)
              : new ResumeWorkflow(ID, now);
      default ->
          new AssignStep(
              ID,
              stepId,
              run.step(stepId).attempt(),
              AGENT,
              AutonomyMode.FULL_AUTO,
              null,
              "lease-" + drawn,
              30_000,
              600_000,
              now);
    };
  }

  private void append(WorkflowEvent event) {
    // Now and then somebody else's entry stands between, whose hash is all that is seen of it.
    if (random.nextInt(3) == 0) {
      tenantPosition++;
      head = Hash.sha256(head.bytes());
    }
    tenantPosition++;
    EventType type = StoredEvents.known().typeOf(event.getClass());
    LogEntry unlinked =
        new LogEntry(
            tenantPosition * 2,
            "acme",
            tenantPosition,
            new UUID(random.nextLong(), random.nextLong()),
            "workflow",
            ID.value(),
            entries.size(),
            type.name(),
            type.version(),
            now,
            "{\"actor\":\"ann\",\"causationId\":\"c%d\",\"correlationId\":\"r\",\"tenantId\":\"acme\"}"
                .formatted(tenantPosition),
            CanonicalJson.canonicalize(SERIALIZER.serialize(event, String.class).getData()),
            head,
            head);
    head = ChainLink.hash(head, ChainLink.record(unlinked));
    entries.add(
        new LogEntry(
            unlinked.position(),
            unlinked.tenantId(),
            unlinked.tenantPosition(),
            unlinked.eventId(),
            unlinked.aggregateType(),
            unlinked.aggregateId(),
            unlinked.sequenceNumber(),
            unlinked.eventType(),
            unlinked.eventVersion(),
            unlinked.occurredAt(),
            unlinked.metadata(),
            unlinked.payload(),
            unlinked.prevHash(),
            head));
    state = Workflow.evolve(state, event);
  }

  /** The states that the entries led to, one after the other. */
  static List<WorkflowState> states(List<LogEntry> entries) {
    HistoryWalk walk =
        HistoryWalk.fromTheBeginning(
            (sequence, limit) -> entries.subList((int) sequence + 1, entries.size()),
            StoredEvents.ofFiles());
    return entries.stream()
        .map(entry -> WorkflowState.of(walk.stateAt(entry.sequenceNumber())))
        .toList();
  }
}

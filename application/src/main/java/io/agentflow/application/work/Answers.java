package io.agentflow.application.work;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.application.Answer;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.Problems;
import io.agentflow.application.workflow.Lease;
import io.agentflow.application.workflow.Leased;
import io.agentflow.domain.agent.Abilities;
import io.agentflow.domain.agent.AgentId;
import io.agentflow.domain.workflow.RunCommand;
import io.agentflow.domain.workflow.RunCommand.AnswerStep;
import io.agentflow.domain.workflow.RunCommand.LeaseAnswer;
import io.agentflow.domain.workflow.RunCommand.TakeNext;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;

/** Takes what an agent has to say about the steps it holds, and gives it those that follow. */
@Component
class Answers {

  private static final UUID NEXT = UuidCreator.getNameBasedSha1("agentflow:next-lease");

  private final WorkLoop loop;
  private final Commands commands;
  private final Presence presence;
  private final Clock clock;
  private final WorkSettings settings;

  Answers(WorkLoop loop, Commands commands, Presence presence, Clock clock, WorkSettings settings) {
    this.loop = loop;
    this.commands = commands;
    this.presence = presence;
    this.clock = clock;
    this.settings = settings;
  }

  /**
   * What became of one answer.
   *
   * @param position where what it led to stands in the log; null where it was refused
   * @param problem why it was refused
   * @param lease on the workflow's next step; null where there is none for this agent now
   */
  record Answered(
      String workflowId,
      @Nullable Long position,
      @Nullable ProblemDetail problem,
      @Nullable Lease lease) {}

  /**
   * Each in a unit of work of its own, all at once, so that they share a write of the log. A
   * refused one keeps no other from being taken.
   *
   * @param nextLease how long the leases on next steps last; null where no next step is wanted. An
   *     agent that is not in service gets none, and its answers are taken nevertheless
   */
  List<Answered> take(
      Caller caller, AgentId agentId, List<LeaseAnswer> answers, @Nullable Duration nextLease)
      throws InterruptedException {
    Optional<Abilities> abilities = loop.work().abilitiesOf(caller.tenantId(), agentId.value());
    presence.seen(caller, agentId);
    return AtOnce.all(
        answers,
        answer ->
            take(
                caller,
                nextLease == null || abilities.isEmpty()
                    ? answer
                    : withNext(answer, agentId, abilities.get(), nextLease)));
  }

  private RunCommand withNext(
      LeaseAnswer answer, AgentId agentId, Abilities abilities, Duration lease) {
    return new AnswerStep(
        answer,
        new TakeNext(
            answer.workflowId(),
            agentId,
            abilities,
            following(answer.leaseToken()),
            lease.toMillis(),
            settings.stepTimeout().toMillis(),
            clock.instant()));
  }

  /** The same for the same lease (UUIDv5), so that an answer which is repeated takes no second. */
  private static String following(String leaseToken) {
    return UuidCreator.getNameBasedSha1(NEXT, leaseToken).toString();
  }

  private Answered take(Caller caller, RunCommand command) {
    String workflowId = command.workflowId().value();
    try {
      Answer answer = commands.send(caller, workflowId, command);
      long position =
          commands
              .entry(caller, workflowId, answer.decided().version(), answer.decided())
              .position();
      return new Answered(
          workflowId, position, null, answer instanceof Leased leased ? leased.lease() : null);
    } catch (RuntimeException e) {
      ProblemDetail problem = Problems.ofRefusal(e).orElseThrow(() -> e);
      return new Answered(workflowId, null, problem, null);
    }
  }
}

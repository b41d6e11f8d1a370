package io.agentflow.domain.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.Decision;
import io.agentflow.domain.Decision.Accepted;
import io.agentflow.domain.Histories;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.agent.Agent.Active;
import io.agentflow.domain.agent.Agent.Known;
import io.agentflow.domain.agent.Agent.Retired;
import io.agentflow.domain.agent.Agent.Suspended;
import io.agentflow.domain.agent.AgentCommand.ActivateAgent;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentCommand.ComeOnline;
import io.agentflow.domain.agent.AgentCommand.GoOffline;
import io.agentflow.domain.agent.AgentCommand.RegisterAgent;
import io.agentflow.domain.agent.AgentCommand.RetireAgent;
import io.agentflow.domain.agent.AgentCommand.SuspendAgent;
import io.agentflow.domain.agent.AgentEvent.AgentCameOnline;
import io.agentflow.domain.agent.AgentEvent.AgentRegistered;
import io.agentflow.domain.agent.AgentEvent.AgentWentOffline;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.domain.agent.AgentRejection.DifferentAgentExists;
import io.agentflow.domain.agent.AgentRejection.OutOfService;
import io.agentflow.domain.agent.AgentRejection.UnknownAgent;
import io.agentflow.domain.planning.AutonomyMode;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AgentTest {

  private static final AgentId ID = new AgentId("018f4e6a-0000-7000-8000-0000000000a1");
  private static final Abilities ABLE =
      new Abilities(List.of("triage"), List.of("search"), 4, AutonomyMode.RISK_BASED);
  private static final RegisterAgent REGISTER =
      new RegisterAgent(ID, "bot", "support", "gpt-4o", Abilities.ofTools(List.of("search")));
  private static final RegisterAgent REGISTER_ABLE =
      new RegisterAgent(ID, "bot", "support", "gpt-4o", ABLE);
  private static final SuspendAgent SUSPEND = new SuspendAgent(ID, "too many errors");
  private static final ActivateAgent ACTIVATE = new ActivateAgent(ID);
  private static final RetireAgent RETIRE = new RetireAgent(ID, "replaced");

  private final Histories<AgentCommand, AgentEvent, Agent, AgentRejection> agent =
      new Histories<>(Agent.initial(), Agent::decide, Agent::evolve);

  private static ChangeCapabilities change(
      @Nullable List<String> capabilities, @Nullable Integer concurrency) {
    return new ChangeCapabilities(ID, capabilities, null, concurrency, null);
  }

  private static ComeOnline online(long second) {
    return new ComeOnline(ID, Instant.ofEpochSecond(second));
  }

  private static GoOffline offline(long second, long lastSeenSecond) {
    return new GoOffline(ID, Instant.ofEpochSecond(second), Instant.ofEpochSecond(lastSeenSecond));
  }

  private Abilities abilities() {
    return ((Known) agent.state()).profile().abilities();
  }

  @Test
  void an_agent_is_registered_once_and_retired_once() {
    agent.given(REGISTER);
    agent.isAlreadySo(REGISTER);
    agent.given(RETIRE);
    agent.isAlreadySo(RETIRE);
    agent.isAlreadySo(REGISTER);

    assertThat(agent.events()).hasSize(2);
    assertThat(agent.state()).isInstanceOf(Retired.class);
  }

  @Test
  void another_description_under_the_same_id_is_refused() {
    agent.given(REGISTER);
    agent.refuses(
        new RegisterAgent(ID, "bot", "sales", null, Abilities.ofTools(List.of())),
        new DifferentAgentExists(ID.value()));
    agent.refuses(REGISTER_ABLE, new DifferentAgentExists(ID.value()));
  }

  @Test
  void nothing_but_a_registration_is_asked_of_an_unknown_agent() {
    for (AgentCommand command :
        List.of(RETIRE, SUSPEND, ACTIVATE, change(List.of(), 1), online(1), offline(1, 1))) {
      agent.refuses(command, new UnknownAgent(ID.value()));
    }
  }

  @Test
  void what_a_registration_says_of_its_abilities_is_recorded_with_it() {
    agent.given(REGISTER_ABLE);

    assertThat(agent.events())
        .containsExactly(
            new AgentRegistered(ID.value(), "bot", "support", "gpt-4o", List.of("search")),
            new CapabilitiesChanged(
                ID.value(), List.of("triage"), List.of("search"), 4, "risk_based"));
    assertThat(abilities()).isEqualTo(ABLE);
    agent.isAlreadySo(REGISTER_ABLE);
  }

  @Test
  void a_registration_that_comes_again_after_its_abilities_changed_is_known() {
    agent.given(REGISTER_ABLE, change(List.of(), 9));

    agent.isAlreadySo(REGISTER_ABLE);
    agent.isAlreadySo(REGISTER);
    assertThat(abilities().concurrency()).isEqualTo(9);
  }

  @Test
  void a_change_leaves_what_it_does_not_name_and_its_event_tells_all() {
    agent.given(REGISTER_ABLE, change(null, 9));

    assertThat(agent.events().getLast())
        .isEqualTo(
            new CapabilitiesChanged(
                ID.value(), List.of("triage"), List.of("search"), 9, "risk_based"));
    agent.isAlreadySo(change(null, 9));
    agent.isAlreadySo(change(List.of("triage"), null));
  }

  @Test
  void a_suspended_agent_is_activated_again_and_keeps_what_it_can_do() {
    agent.given(REGISTER_ABLE, SUSPEND);
    assertThat(agent.state()).isInstanceOf(Suspended.class);
    agent.isAlreadySo(SUSPEND);
    agent.given(change(null, 2), ACTIVATE);
    agent.isAlreadySo(ACTIVATE);

    assertThat(agent.state()).isInstanceOf(Active.class);
    assertThat(abilities().concurrency()).isEqualTo(2);
  }

  @Test
  void a_retired_agent_stays_retired() {
    agent.given(REGISTER, RETIRE);
    for (AgentCommand command : List.of(SUSPEND, ACTIVATE, change(null, 2), online(1))) {
      agent.refuses(command, new OutOfService(ID.value()));
    }
    agent.isAlreadySo(offline(2, 1));
  }

  @Test
  void an_agent_that_is_there_is_noted_once_and_so_is_one_that_is_gone() {
    agent.given(REGISTER);
    agent.isAlreadySo(offline(5, 1));
    agent.given(online(10));
    agent.isAlreadySo(online(10));
    agent.isAlreadySo(online(11));
    agent.given(offline(100, 40));
    agent.isAlreadySo(offline(100, 40));
    agent.given(online(50));

    assertThat(agent.events().subList(1, 4))
        .containsExactly(
            new AgentCameOnline(ID.value(), "1970-01-01T00:00:10Z"),
            new AgentWentOffline(ID.value(), "1970-01-01T00:00:40Z"),
            new AgentCameOnline(ID.value(), "1970-01-01T00:00:50Z"));
  }

  @Test
  void news_that_are_overtaken_change_nothing() {
    agent.given(REGISTER, online(10), offline(100, 40));
    agent.isAlreadySo(online(10));
    agent.given(online(50));
    agent.isAlreadySo(offline(100, 40));
  }

  @Test
  void what_no_event_could_carry_is_refused() {
    List<String> many = java.util.Collections.nCopies(Abilities.NAMES_MAX + 1, "x");
    for (Abilities wrong :
        List.of(
            new Abilities(many, List.of(), 1, AutonomyMode.FULL_AUTO),
            new Abilities(List.of(), many, 1, AutonomyMode.FULL_AUTO),
            new Abilities(List.of(" "), List.of(), 1, AutonomyMode.FULL_AUTO),
            new Abilities(List.of(), List.of(), 0, AutonomyMode.FULL_AUTO),
            new Abilities(List.of(), List.of(), 1_001, AutonomyMode.FULL_AUTO))) {
      assertThatThrownBy(() -> new RegisterAgent(ID, "bot", "support", null, wrong))
          .isInstanceOf(InvalidField.class);
      assertThatThrownBy(
              () ->
                  new ChangeCapabilities(
                      ID, wrong.capabilities(), wrong.tools(), wrong.concurrency(), null))
          .isInstanceOf(InvalidField.class);
    }
    assertThatThrownBy(() -> offline(1, 2)).isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> AutonomyMode.of("yolo"))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("full_auto");
  }

  /** After any history, the same command delivered twice records once, and retired is for good. */
  @Test
  void no_history_records_a_command_twice() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 300; run++) {
      var history =
          new Histories<AgentCommand, AgentEvent, Agent, AgentRejection>(
              Agent.initial(), Agent::decide, Agent::evolve);
      for (int step = 0; step < 40; step++) {
        AgentCommand command = anyCommand(random);
        boolean retired = history.state() instanceof Retired;
        Decision<AgentEvent, AgentRejection> first = history.when(command);
        Decision<AgentEvent, AgentRejection> second = history.when(command);
        assertThat(second)
            .as("seed %d, run %d, step %d: %s", seed, run, step, command)
            .isEqualTo(
                first instanceof Accepted
                    ? Decision.<AgentEvent, AgentRejection>alreadySo()
                    : first);
        if (retired) {
          assertThat(history.state()).isInstanceOf(Retired.class);
        }
      }
    }
  }

  private static AgentCommand anyCommand(Random random) {
    long second = random.nextInt(100);
    return switch (random.nextInt(16)) {
      case 0 -> REGISTER;
      case 1 -> REGISTER_ABLE;
      case 2, 3 -> SUSPEND;
      case 4, 5 -> ACTIVATE;
      case 6, 7 -> change(random.nextBoolean() ? null : List.of("c" + random.nextInt(3)), 1);
      case 8, 9 -> change(null, 1 + random.nextInt(3));
      case 10 -> random.nextInt(4) == 0 ? RETIRE : ACTIVATE;
      case 11, 12 -> offline(100, second);
      default -> online(second);
    };
  }
}

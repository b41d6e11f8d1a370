package io.agentflow.domain.agent;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.agent.AgentCommand.ChangeCapabilities;
import io.agentflow.domain.agent.AgentEvent.CapabilitiesChanged;
import io.agentflow.domain.planning.AutonomyMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent can do, how much of it at once, and how far it may go unasked.
 *
 * @param capabilities what it is able to do, in the words in which plans ask for it
 * @param tools the names of the tools it may call
 * @param concurrency most steps that it has at once, 1 to {@value #CONCURRENCY_MAX}
 */
public record Abilities(
    List<String> capabilities, List<String> tools, int concurrency, AutonomyMode autonomy) {

  /** Most capabilities, and most tools, of one agent. */
  public static final int NAMES_MAX = 256;

  public static final int CONCURRENCY_MAX = 1_000;
  public static final int CONCURRENCY_DEFAULT = 1;
  public static final AutonomyMode AUTONOMY_DEFAULT = AutonomyMode.FULL_AUTO;

  public Abilities {
    capabilities = List.copyOf(capabilities);
    tools = List.copyOf(tools);
  }

  /**
   * These, if a command may carry them.
   *
   * @throws InvalidField when there are too many names, one is none, or the concurrency is out of
   *     range
   */
  Abilities checked() {
    names("capabilities", capabilities);
    names("tools", tools);
    concurrency(concurrency);
    return this;
  }

  /** Of an agent of which nothing is known but its tools. */
  public static Abilities ofTools(List<String> tools) {
    return new Abilities(List.of(), tools, CONCURRENCY_DEFAULT, AUTONOMY_DEFAULT);
  }

  static Abilities of(CapabilitiesChanged event) {
    return new Abilities(
        event.capabilities(),
        event.tools(),
        event.concurrency(),
        AutonomyMode.of(event.autonomy()));
  }

  /**
   * Whether they suffice for a step that asks for this capability and this tool. Who may only plan
   * can carry out none.
   */
  public boolean suffice(@Nullable String capability, @Nullable String tool) {
    return autonomy != AutonomyMode.PLAN_ONLY
        && (capability == null || capabilities.contains(capability))
        && (tool == null || tools.contains(tool));
  }

  /** Whether this says no more than its tools. */
  boolean isOfToolsAlone() {
    return equals(ofTools(tools));
  }

  /** These, but for what the command names. */
  Abilities changedBy(ChangeCapabilities command) {
    return new Abilities(
        command.capabilities() == null ? capabilities : command.capabilities(),
        command.tools() == null ? tools : command.tools(),
        command.concurrency() == null ? concurrency : command.concurrency(),
        command.autonomy() == null ? autonomy : command.autonomy());
  }

  static void names(String field, List<String> names) {
    if (names.size() > NAMES_MAX) {
      throw new InvalidField(
          field, "must be at most %d, not %d".formatted(NAMES_MAX, names.size()));
    }
    names.forEach(name -> Checks.name(field, name));
  }

  static void concurrency(int value) {
    if (value < 1 || value > CONCURRENCY_MAX) {
      throw new InvalidField(
          "concurrency", "must be 1 to %d, not %d".formatted(CONCURRENCY_MAX, value));
    }
  }
}

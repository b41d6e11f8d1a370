package io.agentflow.application.tenant;

import io.agentflow.application.access.Role;
import io.agentflow.application.access.TenantDirectory;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.Commands.Done;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.tenant.TenantCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Sends commands to tenants. What they change counts on this node before they are answered, also
 * where it is not known whether they were carried out.
 */
@Component
class TenantCommands {

  /** All that may be given; an agent's role is its token's alone. */
  private static final List<Role> GIVEN =
      Arrays.stream(Role.values()).filter(role -> role != Role.AGENT).toList();

  private final Commands commands;
  private final TenantDirectory directory;

  TenantCommands(Commands commands, TenantDirectory directory) {
    this.commands = commands;
    this.directory = directory;
  }

  Done send(Caller caller, TenantCommand command, HttpStatus status) {
    try {
      return commands.carryOut(caller, command.tenantId().aggregateId(), command, status);
    } finally {
      directory.forget(caller.tenantId());
    }
  }

  /** The roles that let one do nothing but what the caller may do in the whole tenant. */
  static Set<String> givableBy(Caller caller) {
    return GIVEN.stream()
        .filter(role -> role.permissions().stream().allMatch(caller::may))
        .map(Role::word)
        .collect(Collectors.toSet());
  }

  /**
   * The word, if it is that of a role that may be given.
   *
   * @throws InvalidField for any other, with those that may
   */
  static String role(String field, @Nullable String word) {
    List<String> words = GIVEN.stream().map(Role::word).toList();
    if (word == null || !words.contains(word)) {
      throw new InvalidField(field, "must be one of %s, not \"%s\"".formatted(words, word));
    }
    return word;
  }
}

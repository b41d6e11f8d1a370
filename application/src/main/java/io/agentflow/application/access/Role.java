package io.agentflow.application.access;

import static io.agentflow.application.access.Permission.APPROVE_PLANS;
import static io.agentflow.application.access.Permission.AUDIT_ALL_TENANTS;
import static io.agentflow.application.access.Permission.CONTROL_WORKFLOWS;
import static io.agentflow.application.access.Permission.EXECUTE_WORKFLOWS;
import static io.agentflow.application.access.Permission.EXPORT_AUDIT;
import static io.agentflow.application.access.Permission.MANAGE_ACCESS;
import static io.agentflow.application.access.Permission.MANAGE_AGENTS;
import static io.agentflow.application.access.Permission.MANAGE_BUDGETS;
import static io.agentflow.application.access.Permission.MANAGE_SCHEDULES;
import static io.agentflow.application.access.Permission.OPERATE_BRIDGE;
import static io.agentflow.application.access.Permission.OPERATE_MIRROR;
import static io.agentflow.application.access.Permission.OPERATE_PROJECTIONS;
import static io.agentflow.application.access.Permission.PROPOSE_PLANS;
import static io.agentflow.application.access.Permission.READ_ACCESS;
import static io.agentflow.application.access.Permission.READ_AGENTS;
import static io.agentflow.application.access.Permission.READ_APPROVALS;
import static io.agentflow.application.access.Permission.READ_AUDIT;
import static io.agentflow.application.access.Permission.READ_BUDGETS;
import static io.agentflow.application.access.Permission.READ_EVENTS;
import static io.agentflow.application.access.Permission.READ_SCHEDULES;
import static io.agentflow.application.access.Permission.READ_SELF;
import static io.agentflow.application.access.Permission.READ_STATUS;
import static io.agentflow.application.access.Permission.READ_WORKFLOWS;
import static io.agentflow.application.access.Permission.RECORD_WORK;
import static io.agentflow.application.access.Permission.SPEND_BUDGETS;
import static io.agentflow.application.access.Permission.SUSPEND_AGENTS;
import static io.agentflow.application.access.Permission.TRIGGER_SCHEDULES;
import static io.agentflow.application.access.Permission.WORK_STEPS;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What somebody may do in a tenant. A token may carry several; their permissions add up. Other
 * names among a token's roles are no concern of this: approvals may ask for them.
 */
public enum Role {
  /** Looks. */
  VIEWER(
      Set.of(),
      READ_STATUS,
      READ_WORKFLOWS,
      READ_EVENTS,
      READ_APPROVALS,
      READ_AGENTS,
      READ_BUDGETS,
      READ_SCHEDULES),
  /** Runs workflows day by day. */
  OPERATOR(
      Set.of(VIEWER),
      EXECUTE_WORKFLOWS,
      PROPOSE_PLANS,
      CONTROL_WORKFLOWS,
      RECORD_WORK,
      SUSPEND_AGENTS,
      SPEND_BUDGETS,
      TRIGGER_SCHEDULES),
  /** Says what agents do, and decides what they ask. */
  ENGINEER(
      Set.of(OPERATOR), WORK_STEPS, APPROVE_PLANS, MANAGE_AGENTS, MANAGE_SCHEDULES, READ_AUDIT),
  /** Everything in its tenant. */
  ADMIN(Set.of(ENGINEER), MANAGE_BUDGETS, OPERATE_BRIDGE, EXPORT_AUDIT, READ_ACCESS, MANAGE_ACCESS),
  /** Reads everything of its tenant and changes nothing. */
  AUDITOR(Set.of(VIEWER), READ_AUDIT, EXPORT_AUDIT, READ_ACCESS),
  /** Answers for the whole installation's log: the one role that looks beyond its tenant. */
  STEWARD(
      Set.of(),
      READ_STATUS,
      READ_AUDIT,
      EXPORT_AUDIT,
      AUDIT_ALL_TENANTS,
      OPERATE_PROJECTIONS,
      OPERATE_MIRROR),
  /** A program that does steps: only as the agent that its token names. */
  AGENT(Set.of(), READ_AGENTS, RECORD_WORK, WORK_STEPS);

  @SuppressWarnings("ImmutableEnumChecker") // Collections.unmodifiableSet is not known to it
  private final Set<Permission> permissions;

  Role(Set<Role> including, Permission... more) {
    Set<Permission> all = EnumSet.of(READ_SELF);
    including.forEach(role -> all.addAll(role.permissions));
    all.addAll(Arrays.asList(more));
    this.permissions = Collections.unmodifiableSet(all);
  }

  public Set<Permission> permissions() {
    return permissions;
  }

  /** As a token spells it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The access role of this name; empty for a role that only approvals know. */
  public static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }
}

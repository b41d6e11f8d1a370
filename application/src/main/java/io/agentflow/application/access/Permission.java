package io.agentflow.application.access;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What an operation asks of its caller; {@link Operations} says which asks for which. */
public enum Permission {
  READ_SELF("read:self", "who one is, and what one may do; everybody may know that"),
  READ_STATUS("read:status", "how far the log is appended, projected and published"),
  READ_WORKFLOWS(
      "read:workflows",
      "workflows, their plans, steps, messages, histories and states; what tools were used for"),
  READ_EVENTS("read:events", "every event of the tenant, as it is appended"),
  READ_APPROVALS("read:approvals", "what waits for people, and what they decided"),
  READ_AGENTS("read:agents", "agents, and what they are able to do"),
  READ_BUDGETS("read:budgets", "budgets, and what is left of them"),
  READ_SCHEDULES("read:schedules", "schedules, and when they fire"),
  READ_AUDIT("read:audit", "whether the tenant's chain is whole"),
  EXPORT_AUDIT("export:audit", "the tenant's log, to be checked elsewhere"),
  OPERATE_PROJECTIONS(
      "operate:projections", "tables of all tenants: built again, switched, dead letters"),
  AUDIT_ALL_TENANTS("audit:all-tenants", "the two above for the whole log, of all tenants"),
  EXECUTE_WORKFLOWS("execute:workflows", "create, launch, start, restart, complete and fail them"),
  PROPOSE_PLANS("propose:plans", "propose a plan for a workflow"),
  CONTROL_WORKFLOWS("control:workflows", "pause, resume, cancel and signal them; retry a step"),
  RECORD_WORK("record:work", "messages, tool calls and their results"),
  WORK_STEPS("work:steps", "take steps for an agent, and answer them"),
  APPROVE_PLANS("approve:plans", "grant, deny and delegate approvals of plans and steps"),
  SUSPEND_AGENTS("suspend:agents", "suspend an agent, and let it work again"),
  MANAGE_AGENTS("manage:agents", "register agents, say what they are able to do, retire them"),
  SPEND_BUDGETS("spend:budgets", "reserve, settle and release"),
  MANAGE_BUDGETS("manage:budgets", "open and close budgets, set their limits and slices"),
  TRIGGER_SCHEDULES("trigger:schedules", "fire a schedule out of turn"),
  MANAGE_SCHEDULES("manage:schedules", "create, pause, resume and delete schedules"),
  OPERATE_BRIDGE("operate:bridge", "publish histories again"),
  OPERATE_MIRROR("operate:mirror", "the mirror on NATS, of all tenants: verified and repaired"),
  READ_ACCESS(
      "read:access", "who has which role by AgentFlow's bindings, and which keys there are"),
  MANAGE_ACCESS("manage:access", "bind and take away roles, issue and revoke keys");

  /**
   * What no key gives, whatever its roles: else whoever may issue keys could approve what he asked
   * for himself, and a stolen key could make others.
   */
  static final Set<Permission> OF_NO_KEY =
      Collections.unmodifiableSet(EnumSet.of(APPROVE_PLANS, MANAGE_ACCESS));

  private final String word;
  private final String covers;

  Permission(String word, String covers) {
    this.word = word;
    this.covers = covers;
  }

  /** As a refusal names it. */
  public String word() {
    return word;
  }

  /** What it lets one see or do, in a phrase. */
  public String covers() {
    return covers;
  }
}

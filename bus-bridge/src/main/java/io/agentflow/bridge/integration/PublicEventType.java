package io.agentflow.bridge.integration;

/**
 * A public event type that is told. Its name and version are a contract: {@code docs/events/public}
 * has the schema of each.
 */
public enum PublicEventType {
  TASK_CREATED("task.created", "1.0.0"),
  TASK_STARTED("task.started", "1.0.0"),
  TASK_COMPLETED("task.completed", "1.0.0"),
  TASK_FAILED("task.failed", "1.0.0"),
  TASK_CANCELLED("task.cancelled", "1.0.0"),
  AGENT_MESSAGE("agent.message", "1.0.0"),
  AGENT_ACTION("agent.action", "1.0.0"),
  ERROR_OCCURRED("error.occurred", "1.0.0"),
  WORKFLOW_STARTED("workflow.started", "1.0.0"),
  WORKFLOW_COMPLETED("workflow.completed", "1.0.0");

  private final String spokenName;
  private final String version;

  PublicEventType(String spokenName, String version) {
    this.spokenName = spokenName;
    this.version = version;
  }

  /** For example {@code task.created}. */
  public String spokenName() {
    return spokenName;
  }

  /** Where a tenant's events of this type are published: {@code af.acme.events.task.created}. */
  public String subject(String tenantId) {
    return "af.%s.events.%s".formatted(tenantId, spokenName);
  }

  /** By Semantic Versioning: the first number rises when what consumers rely on goes or changes. */
  public String version() {
    return version;
  }

  /** With the number that rises when something breaks: {@code task.created.v1}. */
  String majorVersionName() {
    return "%s.v%s".formatted(spokenName, version.substring(0, version.indexOf('.')));
  }

  /** The file of its schema, one for each major version: {@code task.created.v1.json}. */
  public String schemaFile() {
    return majorVersionName() + ".json";
  }

  /** What the schema calls itself. */
  public String schemaId() {
    return "urn:agentflow:public:%s:%s".formatted(spokenName, version);
  }
}

package io.agentflow.domain.tenant;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A part of a tenant: all of it, a project, or one environment of a project. A workflow is in the
 * part that its labels {@value #PROJECT} and {@value #ENVIRONMENT} name.
 *
 * @param project null for the whole tenant
 * @param environment null for all of the project
 */
public record Scope(@Nullable String project, @Nullable String environment) {

  public static final String PROJECT = "project";
  public static final String ENVIRONMENT = "environment";

  public static final Scope TENANT = new Scope(null, null);

  public Scope {
    if (project != null) {
      Checks.name(PROJECT, project);
    } else if (environment != null) {
      throw new InvalidField(ENVIRONMENT, "is one of a project: name the project, too");
    }
    if (environment != null) {
      Checks.name(ENVIRONMENT, environment);
    }
  }

  /** Where a workflow with these labels is. What no scope is called names none. */
  public static Scope ofLabels(Map<String, String> labels) {
    String project = label(labels, PROJECT);
    return project == null ? TENANT : new Scope(project, label(labels, ENVIRONMENT));
  }

  private static @Nullable String label(Map<String, String> labels, String name) {
    String value = labels.get(name);
    return value == null || value.isBlank() ? null : value;
  }

  public boolean isTenant() {
    return project == null;
  }

  /** Whether the other is this part of the tenant, or within it. */
  public boolean covers(Scope other) {
    return project == null
        || (project.equals(other.project)
            && (environment == null || environment.equals(other.environment)));
  }

  /** In a phrase. */
  public String words() {
    if (project == null) {
      return "the tenant";
    }
    return environment == null
        ? "the project " + project
        : "the environment %s of the project %s".formatted(environment, project);
  }
}

package io.agentflow.eventstore;

/**
 * An event's storage format.
 *
 * @param name spoken, for example {@code workflow.created}
 * @param version from 1
 */
public record EventType(String name, int version) {

  @Override
  public String toString() {
    return name + " version " + version;
  }
}

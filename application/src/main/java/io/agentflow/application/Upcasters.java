package io.agentflow.application;

import io.agentflow.eventstore.Upcaster;
import java.util.List;

/**
 * From the forms in which events were once released to the form in which they are read today. A
 * form that was released keeps its golden file and is led on by an upcaster, for ever.
 */
public final class Upcasters {

  private Upcasters() {}

  /** None yet: every event still has its first form. */
  public static List<Upcaster> all() {
    return List.of();
  }
}

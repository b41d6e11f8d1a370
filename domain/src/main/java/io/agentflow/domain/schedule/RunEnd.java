package io.agentflow.domain.schedule;

import java.util.Locale;

/** How a workflow that a schedule started came to its end. */
public enum RunEnd {
  COMPLETED,
  FAILED,
  CANCELLED,
  /** It never began: its id was taken, or its plan was refused. */
  NOT_STARTED;

  /** The word that events use: {@code completed}, {@code not_started}, … */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

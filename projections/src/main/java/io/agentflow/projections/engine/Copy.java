package io.agentflow.projections.engine;

import io.agentflow.projections.Projection;

/** Which tables of a projection: those that are asked, or those that stand beside them. */
public enum Copy {
  /** Answers. */
  LIVE("views", ""),
  /** Is filled from the log's beginning, to answer later. */
  NEXT("views_next", "@next"),
  /** Answered before, and is kept up so that it can again. */
  PREVIOUS("views_previous", "@previous");

  private final String schema;
  private final String suffix;

  Copy(String schema, String suffix) {
    this.schema = schema;
    this.suffix = suffix;
  }

  /** Where its tables are. */
  public String schema() {
    return schema;
  }

  /** The name of the event processor that fills them. */
  public String processor(Projection<?> projection) {
    return projection.name() + suffix;
  }
}

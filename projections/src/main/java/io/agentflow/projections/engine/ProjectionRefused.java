package io.agentflow.projections.engine;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Not possible as the projection's copies stand. */
public final class ProjectionRefused extends ResponseStatusException {

  private static final long serialVersionUID = 1L;

  ProjectionRefused(String why) {
    super(HttpStatus.CONFLICT, why);
  }
}

package io.agentflow.projections.engine;

import java.util.Collection;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** There is no projection of this name. */
public final class UnknownProjection extends ResponseStatusException {

  private static final long serialVersionUID = 1L;

  UnknownProjection(String name, Collection<String> known) {
    super(HttpStatus.NOT_FOUND, "no projection \"%s\"; there are %s".formatted(name, known));
  }
}

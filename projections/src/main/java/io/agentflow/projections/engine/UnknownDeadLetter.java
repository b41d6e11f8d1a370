package io.agentflow.projections.engine;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** The projection has not set this aggregate aside. */
public final class UnknownDeadLetter extends ResponseStatusException {

  private static final long serialVersionUID = 1L;

  UnknownDeadLetter(String processor, String aggregateId) {
    super(
        HttpStatus.NOT_FOUND,
        "%s has no dead letter of aggregate %s".formatted(processor, aggregateId));
  }
}

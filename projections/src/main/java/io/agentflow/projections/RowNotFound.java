package io.agentflow.projections;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** The caller's tenant has no such row, or not yet: another tenant's row is simply not found. */
public final class RowNotFound extends ResponseStatusException {

  private static final long serialVersionUID = 1L;

  public RowNotFound(String what, String id) {
    super(
        HttpStatus.NOT_FOUND,
        "no %s %s in this tenant; if it was just created, send the answer's AF-Position as %s"
            .formatted(what, id, Freshness.HEADER));
  }
}

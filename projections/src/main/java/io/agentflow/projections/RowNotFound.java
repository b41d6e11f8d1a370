package io.agentflow.projections;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** The caller's tenant has no such row, or not yet: another tenant's row is simply not found. */
public final class RowNotFound extends ResponseStatusException {

  private static final long serialVersionUID = 1L;

  public RowNotFound(String what, String id) {
    this(
        "no %s %s in this tenant; if it was just created, send the answer's AF-Position as %s"
            .formatted(what, id, Freshness.HEADER));
  }

  private RowNotFound(String words) {
    super(HttpStatus.NOT_FOUND, words);
  }

  /** It is there, but was not yet at the position of the log as of which it is asked for. */
  static RowNotFound yet(String what, String id, long asOf, long createdPosition) {
    return new RowNotFound(
        "%s %s was not there yet at position %d; it came at position %d"
            .formatted(what, id, asOf, createdPosition));
  }
}

package io.agentflow.eventstore.verify;

/** An entry was altered so far that it has no record any more; the verifier tells more. */
public final class NotExportable extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NotExportable(String tenantId, Finding finding) {
    super(
        "tenant %s cannot be exported: %s; verify the log".formatted(tenantId, finding.message()));
  }
}

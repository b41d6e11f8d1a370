package io.agentflow.application.audit;

import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.Permission;
import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.JsonLines;
import io.agentflow.application.intake.OneAtATime;
import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.LogExport;
import io.agentflow.eventstore.verify.Progress;
import io.agentflow.eventstore.verify.Verification;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Is the log whole ({@code GET /v1/audit/verification}), and the log itself to check elsewhere
 * ({@code GET /v1/audit/export})? Of the caller's tenant, or, for who may look beyond it, of
 * another or of all. A node does one verification and one export at a time.
 */
@RestController
@RequestMapping("/v1/audit")
class AuditHttp {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ChainVerifier verifier;
  private final LogExport export;
  private final JsonMapper json;
  private final OneAtATime verifications = new OneAtATime("a verification", PATIENCE);
  private final OneAtATime exports = new OneAtATime("an export", PATIENCE);

  AuditHttp(ChainVerifier verifier, LogExport export, JsonMapper json) {
    this.verifier = verifier;
    this.export = export;
    this.json = json;
  }

  /**
   * Verifies the chains of the log, of one tenant or of all. With {@code Accept:
   * application/x-ndjson} lines tell how far it is, before the line that has the answer.
   */
  @GetMapping("/verification")
  Verification verifyLog(
      @RequestAttribute Caller caller, @RequestParam(required = false) @Nullable String tenant) {
    checkReach(caller, tenant);
    return verifications.get(() -> verify(tenant, Progress.NONE));
  }

  /** The same, with lines that tell how far it is before the line that has the answer. */
  @GetMapping(path = "/verification", produces = JsonLines.MEDIA_TYPE)
  void verifyLogAndTell(
      @RequestAttribute Caller caller,
      @RequestParam(required = false) @Nullable String tenant,
      HttpServletResponse response) {
    checkReach(caller, tenant);
    verifications.run(
        () ->
            JsonLines.answer(
                response,
                json,
                lines -> lines.write("verification", verify(tenant, new ProgressLines(lines)))));
  }

  private Verification verify(@Nullable String tenant, Progress progress) {
    if (tenant == null) {
      return verifier.verifyAll(progress);
    }
    Verification verification = verifier.verify(tenant, progress);
    if (verification.valid() && verification.entries() == 0) {
      // "Whole" would be no answer to somebody who mistyped a tenant.
      throw unknown(tenant);
    }
    return verification;
  }

  /**
   * Exports the log, of one tenant or of all, as lines that anyone can verify. Their form is
   * described in {@code docs/export-format.md}.
   */
  @GetMapping(path = "/export", produces = JsonLines.MEDIA_TYPE)
  void exportLog(
      @RequestAttribute Caller caller,
      @RequestParam(required = false) @Nullable String tenant,
      HttpServletResponse response) {
    checkReach(caller, tenant);
    exports.run(() -> JsonLines.answer(response, json, lines -> write(tenant, response)));
  }

  private void write(@Nullable String tenant, HttpServletResponse response) throws IOException {
    if (tenant == null) {
      export.writeAll(response.getOutputStream(), Progress.NONE);
      return;
    }
    long written = export.write(tenant, response.getOutputStream(), Progress.NONE);
    if (written == 0 && !response.isCommitted()) {
      throw unknown(tenant);
    }
  }

  /** Another tenant's log is as good as not there. */
  private static void checkReach(Caller caller, @Nullable String tenant) {
    if (caller.may(Permission.AUDIT_ALL_TENANTS)) {
      return;
    }
    if (tenant == null) {
      throw Forbidden.without(Permission.AUDIT_ALL_TENANTS);
    }
    if (!tenant.equals(caller.tenantId())) {
      throw unknown(tenant);
    }
  }

  private static ResponseStatusException unknown(String tenant) {
    return new ResponseStatusException(
        HttpStatus.NOT_FOUND, "the log has no entry of a tenant " + tenant);
  }
}

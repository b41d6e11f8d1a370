package io.agentflow.application.audit;

import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.Verification;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** {@code GET /v1/audit/verification}: is the log whole? Of one tenant, or of all. */
@RestController
@RequestMapping("/v1/audit/verification")
class AuditHttp {

  private final ChainVerifier verifier;

  AuditHttp(ChainVerifier verifier) {
    this.verifier = verifier;
  }

  @GetMapping
  Verification verify(@RequestParam(required = false) @Nullable String tenant) {
    if (tenant == null) {
      return verifier.verifyAll();
    }
    Verification verification = verifier.verify(tenant);
    if (verification.valid() && verification.entries() == 0) {
      // "Whole" would be no answer to somebody who mistyped a tenant.
      throw new ResponseStatusException(
          HttpStatus.NOT_FOUND, "the log has no entry of a tenant " + tenant);
    }
    return verification;
  }
}

package io.agentflow.application.audit;

import io.agentflow.eventstore.verify.ChainVerifier;
import io.agentflow.eventstore.verify.Verification;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

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
    return tenant == null ? verifier.verifyAll() : verifier.verify(tenant);
  }
}

package io.agentflow.application.idempotency;

import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.ProblemType;
import io.agentflow.application.intake.Problems;
import io.agentflow.application.tenant.TenantAnswers;
import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.ReceiptExists;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** How a request is answered that was carried out before, or is just being carried out. */
@RestControllerAdvice
@Order(0)
class IdempotencyProblems {

  private final TenantAnswers tenants;

  IdempotencyProblems(TenantAnswers tenants) {
    this.tenants = tenants;
  }

  /** By the same converter as the first time, hence byte by byte the same, but for a secret. */
  @ExceptionHandler
  ResponseEntity<?> replayed(Replayed e, HttpServletRequest request) {
    String tenantId = (String) Objects.requireNonNull(request.getAttribute("tenantId"));
    HttpStatus status = HttpStatus.valueOf(e.receipt().status());
    Appended entry = Objects.requireNonNull(e.receipt().entry());
    return TenantAnswers.isOne(tenantId, entry)
        ? tenants.again(tenantId, status, entry)
        : Commands.answer(status, entry);
  }

  @ExceptionHandler
  ResponseEntity<Object> inUse(KeyInUse e) {
    return Problems.later(ProblemType.KEY_IN_USE, e.getMessage());
  }

  /** Another node was faster; its answer is there for who asks again. */
  @ExceptionHandler
  ResponseEntity<Object> carriedOut(ReceiptExists e) {
    return inUse(new KeyInUse());
  }

  @ExceptionHandler
  ResponseEntity<Object> reused(KeyReused e) {
    return Problems.answer(ProblemType.KEY_REUSED, e.getMessage());
  }
}

package io.agentflow.application.idempotency;

import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.ProblemType;
import io.agentflow.application.intake.Problems;
import io.agentflow.eventstore.ReceiptExists;
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

  /** By the same converter as the first time, hence byte by byte the same. */
  @ExceptionHandler
  ResponseEntity<CommandAnswer> replayed(Replayed e) {
    return Commands.answer(
        HttpStatus.valueOf(e.receipt().status()), Objects.requireNonNull(e.receipt().entry()));
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

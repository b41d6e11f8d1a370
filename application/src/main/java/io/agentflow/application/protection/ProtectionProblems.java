package io.agentflow.application.protection;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.application.intake.Problems;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** How those are answered who ask too much. */
@RestControllerAdvice
@Order(0)
class ProtectionProblems {

  @ExceptionHandler
  ResponseEntity<Object> tooMany(TooManyRequests e) {
    return Problems.later(ProblemType.RATE_LIMITED, e.getMessage(), e.retryAfterSeconds());
  }

  @ExceptionHandler
  ResponseEntity<Object> overloaded(Overloaded e) {
    return Problems.later(ProblemType.UNAVAILABLE, e.getMessage());
  }
}

package io.agentflow.application.whatif;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.application.intake.Problems;
import io.agentflow.application.whatif.WhatIfJob.Progress;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** How it is said that there is no what-if, or no result of one. */
@RestControllerAdvice
@Order(0)
class WhatIfProblems {

  /** The tenant has none of this id, here or any more. */
  static final class NoWhatIf extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoWhatIf(String id) {
      super(
          ("there is no what-if %s here: the node that began it keeps it for %d minutes after its"
                  + " end; ask anew, the log gives the same answer")
              .formatted(id, WhatIfs.KEPT_FOR.toMinutes()));
    }
  }

  /** There is no result, or not yet. */
  static final class NoResult extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoResult(WhatIfJob job) {
      super(sentence(job.progress()));
    }

    private static String sentence(Progress progress) {
      return switch (progress.status()) {
        case RUNNING ->
            progress.total() == null
                ? "it is not over: %d histories are judged".formatted(progress.done())
                : "it is not over: %d of %d histories are judged"
                    .formatted(progress.done(), progress.total());
        case FAILED -> "it failed: " + progress.reason();
        case CANCELLED -> "it was cancelled; ask anew";
        case COMPLETED -> "it is over since this moment; ask again";
      };
    }
  }

  @ExceptionHandler
  ResponseEntity<Object> noWhatIf(NoWhatIf e) {
    return Problems.answer(ProblemType.NOT_FOUND, e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Object> noResult(NoResult e) {
    return Problems.answer(ProblemType.WRONG_STATE, e.getMessage());
  }
}

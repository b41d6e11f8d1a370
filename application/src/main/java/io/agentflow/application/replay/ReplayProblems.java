package io.agentflow.application.replay;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.application.intake.Problems;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** How it is said that there is no replay, or that it is not to be had so. */
@RestControllerAdvice
@Order(0)
class ReplayProblems {

  /** The tenant has none of this id, on this node or any more. */
  static final class NoReplay extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoReplay(String replayId) {
      super(
          ("there is no replay %s here: the node that began it has it, until %d minutes after its"
                  + " end; asked for again under the same id it goes on where NATS has its end")
              .formatted(replayId, Replays.KEPT_FOR.toMinutes()));
    }
  }

  /** The id was used for something else. */
  static final class OtherReplay extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OtherReplay(String replayId) {
      super(
          "replay %s was asked for with other content; take another id, or ask for the same"
              .formatted(replayId));
    }
  }

  /** What is over is neither paused nor resumed. */
  static final class ReplayOver extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReplayOver(String replayId) {
      super("replay %s is over".formatted(replayId));
    }
  }

  @ExceptionHandler
  ResponseEntity<Object> noReplay(NoReplay e) {
    return Problems.answer(ProblemType.NOT_FOUND, e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Object> otherReplay(OtherReplay e) {
    return Problems.answer(ProblemType.CONFLICTING_REPEAT, e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Object> replayOver(ReplayOver e) {
    return Problems.answer(ProblemType.WRONG_STATE, e.getMessage());
  }
}

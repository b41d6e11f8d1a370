package io.agentflow.application.intake;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.intake.BodyLimitFilter.BodyTooLarge;
import io.agentflow.application.port.BusUnavailable;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Rejection;
import io.agentflow.domain.agent.AgentRejection;
import io.agentflow.domain.budget.BudgetRejection;
import io.agentflow.domain.workflow.WorkflowRejection;
import io.agentflow.eventstore.LogUnavailable;
import java.net.URI;
import java.util.Map;
import java.util.stream.Collectors;
import org.axonframework.eventsourcing.AggregateDeletedException;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Every refusal in one place: from what went wrong to an RFC 9457 problem with a stable type and a
 * sentence that helps. Nothing of a refused command is appended.
 */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
  private static final String RETRY_AFTER_SECONDS = "1";

  @ExceptionHandler
  ResponseEntity<Object> rejected(CommandRejected e) {
    return answer(problem(e.reason()));
  }

  private static ProblemDetail problem(Rejection reason) {
    return switch (reason) {
      case WorkflowRejection rejection -> problem(typeOf(rejection), rejection.sentence());
      case AgentRejection rejection -> problem(typeOf(rejection), rejection.sentence());
      case BudgetRejection.LimitExceeded exceeded -> {
        ProblemDetail problem = problem(ProblemType.LIMIT_EXCEEDED, exceeded.sentence());
        problem.setProperty("requestedTokens", exceeded.requestedTokens());
        problem.setProperty("remainingTokens", exceeded.remainingTokens());
        problem.setProperty("requestedMicroDollars", exceeded.requestedMicroDollars());
        problem.setProperty("remainingMicroDollars", exceeded.remainingMicroDollars());
        yield problem;
      }
      case BudgetRejection rejection -> problem(typeOf(rejection), rejection.sentence());
      default -> throw new IllegalStateException("a rejection of no aggregate: " + reason);
    };
  }

package io.agentflow.application.intake;

import io.agentflow.application.CommandRejected;
import io.agentflow.application.StaleVersion;
import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.IssuerAway;
import io.agentflow.application.access.Unauthenticated;
import io.agentflow.application.intake.BodyInTime.BodyTooSlow;
import io.agentflow.application.intake.BodyLimitFilter.BodyTooLarge;
import io.agentflow.application.intake.LocalCallersFilter.NotLocal;
import io.agentflow.application.port.BusUnavailable;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.Rejection;
import io.agentflow.domain.agent.AgentRejection;
import io.agentflow.domain.budget.BudgetRejection;
import io.agentflow.domain.schedule.ScheduleRejection;
import io.agentflow.domain.tenant.TenantRejection;
import io.agentflow.domain.workflow.WorkflowRejection;
import io.agentflow.eventstore.EventTooLarge;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.verify.NotExportable;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Optional;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Every refusal in one place: from what went wrong to an RFC 9457 problem with a stable type and a
 * sentence that helps. Nothing of a refused command is appended.
 */
@RestControllerAdvice
public class Problems extends ResponseEntityExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  /** A request's attribute that is there when the domain has refused its command. */
  public static final String REFUSED = "refused";

  private static final long RETRY_AFTER_SECONDS = 1;
  private static final String UNEXPECTED =
      "the server failed; its log has the details, at this time";

  /**
   * The problem of one of several things that were asked at once, where it is refused for its own
   * sake; empty for what concerns the others as well.
   */
  public static Optional<ProblemDetail> ofRefusal(RuntimeException e) {
    return switch (e) {
      case CommandRejected rejected -> Optional.of(problemOf(rejected.reason()));
      case InvalidField invalid -> Optional.of(problemOf(invalid));
      case NotInTenant absent ->
          Optional.of(problem(ProblemType.NOT_FOUND, String.valueOf(absent.getMessage())));
      case AggregateNotFoundException absent -> Optional.of(problemOf(absent));
      default -> Optional.empty();
    };
  }

  @ExceptionHandler
  ResponseEntity<Object> rejected(CommandRejected e, HttpServletRequest request) {
    request.setAttribute(REFUSED, true);
    return answer(problemOf(e.reason()));
  }

  @ExceptionHandler
  ResponseEntity<Object> stale(StaleVersion e) {
    return answer(problem(ProblemType.STALE_VERSION, e.getMessage()));
  }

  private static ProblemDetail problemOf(Rejection reason) {
    ProblemDetail problem = problem(typeOf(reason), reason.sentence());
    if (reason instanceof BudgetRejection.LimitExceeded exceeded) {
      problem.setProperty("requestedTokens", exceeded.requestedTokens());
      problem.setProperty("remainingTokens", exceeded.remainingTokens());
      problem.setProperty("requestedMicroDollars", exceeded.requestedMicroDollars());
      problem.setProperty("remainingMicroDollars", exceeded.remainingMicroDollars());
    }
    if (reason instanceof WorkflowRejection.PlanHasFaults plan) {
      problem.setProperty("faults", plan.faults());
    }
    if (reason instanceof BudgetRejection.LimitTooLow tooLow) {
      problem.setProperty("limitTokens", tooLow.limitTokens());
      problem.setProperty("inUseTokens", tooLow.inUseTokens());
      problem.setProperty("limitMicroDollars", tooLow.limitMicroDollars());
      problem.setProperty("inUseMicroDollars", tooLow.inUseMicroDollars());
    }
    return problem;
  }

  private static ProblemType typeOf(Rejection reason) {
    return switch (reason) {
      case WorkflowRejection rejection -> typeOf(rejection);
      case AgentRejection rejection -> typeOf(rejection);
      case BudgetRejection rejection -> typeOf(rejection);
      case ScheduleRejection rejection -> typeOf(rejection);
      case TenantRejection rejection -> typeOf(rejection);
      default -> throw new IllegalStateException("a rejection of no aggregate: " + reason);
    };
  }

  private static ProblemType typeOf(WorkflowRejection rejection) {
    return switch (rejection) {
      case WorkflowRejection.UnknownWorkflow unknown -> ProblemType.NOT_FOUND;
      case WorkflowRejection.UnknownToolCall unknown -> ProblemType.NOT_FOUND;
      case WorkflowRejection.DifferentWorkflowExists exists -> ProblemType.ALREADY_EXISTS;
      case WorkflowRejection.WrongPhase wrong -> ProblemType.WRONG_STATE;
      case WorkflowRejection.ToolCallsOpen open -> ProblemType.WRONG_STATE;
      case WorkflowRejection.MessageDiffers differs -> ProblemType.CONFLICTING_REPEAT;
      case WorkflowRejection.ToolCallDiffers differs -> ProblemType.CONFLICTING_REPEAT;
      case WorkflowRejection.ToolResultDiffers differs -> ProblemType.CONFLICTING_REPEAT;
      case WorkflowRejection.TotalTooLarge tooLarge -> ProblemType.INVALID_FIELD;
      case WorkflowRejection.PlanHasFaults faults -> ProblemType.INVALID_PLAN;
      case WorkflowRejection.UnknownStep unknown -> ProblemType.NOT_FOUND;
      case WorkflowRejection.UnknownApproval unknown -> ProblemType.NOT_FOUND;
      case WorkflowRejection.PlanDropsWork drops -> ProblemType.WRONG_STATE;
      case WorkflowRejection.PlanNotApproved notApproved -> ProblemType.WRONG_STATE;
      case WorkflowRejection.ModeForbids forbids -> ProblemType.WRONG_STATE;
      case WorkflowRejection.PlanDecides decides -> ProblemType.WRONG_STATE;
      case WorkflowRejection.NoPlan noPlan -> ProblemType.WRONG_STATE;
      case WorkflowRejection.StepNotInPhase not -> ProblemType.WRONG_STATE;
      case WorkflowRejection.NotReserved not -> ProblemType.WRONG_STATE;
      case WorkflowRejection.ApprovalClosed closed -> ProblemType.WRONG_STATE;
      case WorkflowRejection.LeaseLost lost -> ProblemType.LEASE_LOST;
      case WorkflowRejection.ResultsDiffer differ -> ProblemType.CONFLICTING_REPEAT;
      case WorkflowRejection.SignalDiffers differs -> ProblemType.CONFLICTING_REPEAT;
      case WorkflowRejection.DigestDiffers differs -> ProblemType.DIGEST_DIFFERS;
      case WorkflowRejection.OwnRequest own -> ProblemType.NOT_ENTITLED;
      case WorkflowRejection.NotEntitled not -> ProblemType.NOT_ENTITLED;
    };
  }

  private static ProblemType typeOf(AgentRejection rejection) {
    return switch (rejection) {
      case AgentRejection.UnknownAgent unknown -> ProblemType.NOT_FOUND;
      case AgentRejection.DifferentAgentExists exists -> ProblemType.ALREADY_EXISTS;
      case AgentRejection.IsSuspended suspended -> ProblemType.WRONG_STATE;
      case AgentRejection.OutOfService retired -> ProblemType.WRONG_STATE;
    };
  }

  private static ProblemType typeOf(BudgetRejection rejection) {
    return switch (rejection) {
      case BudgetRejection.UnknownBudget unknown -> ProblemType.NOT_FOUND;
      case BudgetRejection.UnknownReservation unknown -> ProblemType.NOT_FOUND;
      case BudgetRejection.DifferentBudgetExists exists -> ProblemType.ALREADY_EXISTS;
      case BudgetRejection.LimitExceeded exceeded -> ProblemType.LIMIT_EXCEEDED;
      case BudgetRejection.LimitTooLow tooLow -> ProblemType.LIMIT_TOO_LOW;
      case BudgetRejection.UnknownSlice unknown -> ProblemType.NOT_FOUND;
      case BudgetRejection.NeverRolls never -> ProblemType.WRONG_STATE;
      case BudgetRejection.StillInUse inUse -> ProblemType.WRONG_STATE;
      case BudgetRejection.BudgetIsClosed closed -> ProblemType.WRONG_STATE;
      case BudgetRejection.ReservationClosed closed -> ProblemType.WRONG_STATE;
      case BudgetRejection.SliceDiffers differs -> ProblemType.CONFLICTING_REPEAT;
      case BudgetRejection.ReservationDiffers differs -> ProblemType.CONFLICTING_REPEAT;
      case BudgetRejection.SettledDifferently differs -> ProblemType.CONFLICTING_REPEAT;
      case BudgetRejection.SpentTooLarge tooLarge -> ProblemType.INVALID_FIELD;
    };
  }

  private static ProblemType typeOf(ScheduleRejection rejection) {
    return switch (rejection) {
      case ScheduleRejection.UnknownSchedule unknown -> ProblemType.NOT_FOUND;
      case ScheduleRejection.DifferentScheduleExists exists -> ProblemType.ALREADY_EXISTS;
      case ScheduleRejection.NoRoom noRoom -> ProblemType.WRONG_STATE;
      case ScheduleRejection.ScheduleIsDeleted deleted -> ProblemType.WRONG_STATE;
    };
  }

  private static ProblemType typeOf(TenantRejection rejection) {
    return switch (rejection) {
      case TenantRejection.MayNotGive not -> ProblemType.FORBIDDEN;
      case TenantRejection.UnknownBinding unknown -> ProblemType.NOT_FOUND;
      case TenantRejection.UnknownKey unknown -> ProblemType.NOT_FOUND;
      case TenantRejection.DifferentKeyExists exists -> ProblemType.ALREADY_EXISTS;
      case TenantRejection.KeyWasRevoked revoked -> ProblemType.WRONG_STATE;
      case TenantRejection.TooManyBindings tooMany -> ProblemType.WRONG_STATE;
      case TenantRejection.TooManyKeys tooMany -> ProblemType.WRONG_STATE;
    };
  }

  @ExceptionHandler
  ResponseEntity<Object> invalid(InvalidField e) {
    return answer(problemOf(e));
  }

  private static ProblemDetail problemOf(InvalidField e) {
    ProblemDetail problem = problem(ProblemType.INVALID_FIELD, e.getMessage());
    problem.setProperty("field", e.field());
    return problem;
  }

  @ExceptionHandler
  ResponseEntity<Object> invalid(InvalidPlan e) {
    ProblemDetail problem = problem(ProblemType.INVALID_PLAN, e.getMessage());
    problem.setProperty("faults", e.faults());
    return answer(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> notFound(AggregateNotFoundException e) {
    return answer(problemOf(e));
  }

  private static ProblemDetail problemOf(AggregateNotFoundException e) {
    return problem(
        ProblemType.NOT_FOUND, NotInTenant.sentence(String.valueOf(e.getAggregateIdentifier())));
  }

  @ExceptionHandler
  ResponseEntity<Object> notFound(NotInTenant e) {
    return answer(problem(ProblemType.NOT_FOUND, e.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> taken(AggregateStreamCreationException e) {
    return answer(problem(ProblemType.ALREADY_EXISTS, e.getMessage() + "; take a new id"));
  }

  @ExceptionHandler
  ResponseEntity<Object> raced(ConcurrencyException e) {
    return answer(
        problem(ProblemType.CONCURRENT_CHANGE, e.getMessage() + "; send the command again"));
  }

  @ExceptionHandler
  ResponseEntity<Object> unauthenticated(Unauthenticated e) {
    return ResponseEntity.status(ProblemType.UNAUTHENTICATED.status())
        .header(HttpHeaders.WWW_AUTHENTICATE, e.challenge())
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem(ProblemType.UNAUTHENTICATED, e.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> forbidden(Forbidden e) {
    ProblemDetail problem = problem(ProblemType.FORBIDDEN, e.getMessage());
    if (e.missing() != null) {
      problem.setProperty("permission", e.missing().word());
    }
    if (e.scope() != null) {
      problem.setProperty("scope", e.scope());
    }
    return answer(problem);
  }

  @ExceptionHandler
  ResponseEntity<Object> issuerAway(IssuerAway e) {
    LOG.warn("a token cannot be judged", e);
    return later(ProblemType.UNAVAILABLE, e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Object> notLocal(NotLocal e) {
    return answer(problem(ProblemType.NOT_LOCAL, e.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> tooSlow(BodyTooSlow e) {
    return answer(problem(ProblemType.REQUEST_TIMEOUT, e.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> tooLarge(BodyTooLarge e) {
    return answer(problem(ProblemType.BODY_TOO_LARGE, e.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> tooLarge(EventTooLarge e) {
    return answer(problem(ProblemType.EVENT_TOO_LARGE, e.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Object> unavailable(LogUnavailable e) {
    LOG.warn("the log is unavailable: {}", e.getMessage());
    return later(ProblemType.UNAVAILABLE, "the event log cannot be used now; try again shortly");
  }

  @ExceptionHandler({DataAccessException.class, CannotCreateTransactionException.class})
  ResponseEntity<Object> databaseAway(Exception e) {
    LOG.warn("the database failed a query", e);
    return later(ProblemType.UNAVAILABLE, "the database cannot be used now; try again shortly");
  }

  @ExceptionHandler
  ResponseEntity<Object> noBus(BusUnavailable e) {
    return later(ProblemType.BUS_UNAVAILABLE, e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Object> busy(Busy e) {
    return later(ProblemType.BUSY, e.getMessage());
  }

  @ExceptionHandler
  ResponseEntity<Object> broken(NotExportable e) {
    LOG.error("the log is broken: {}", e.getMessage());
    return answer(problem(ProblemType.BROKEN_LOG, e.getMessage()));
  }

  /** The same problem as the last line of an answer that had begun. */
  static ProblemDetail inTheMidst(Exception e) {
    return switch (e) {
      case LogUnavailable unavailable -> {
        LOG.warn("the log became unavailable: {}", unavailable.getMessage());
        yield problem(
            ProblemType.UNAVAILABLE, "the event log cannot be read on; try again shortly");
      }
      case NotExportable broken -> {
        LOG.error("the log is broken: {}", broken.getMessage());
        yield problem(ProblemType.BROKEN_LOG, broken.getMessage());
      }
      default -> {
        LOG.error("an answer failed unexpectedly in its midst", e);
        yield problem(ProblemType.INTERNAL, UNEXPECTED);
      }
    };
  }

  @ExceptionHandler
  ResponseEntity<Object> unexpected(Exception e) {
    LOG.error("a request failed unexpectedly", e);
    return answer(problem(ProblemType.INTERNAL, UNEXPECTED));
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
      HttpMessageNotReadableException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return switch (e.getCause()) {
      case UnrecognizedPropertyException unknown -> {
        ProblemDetail problem =
            problem(
                ProblemType.UNKNOWN_FIELD,
                "there is no field \"%s\" here; known are %s"
                    .formatted(unknown.getPropertyName(), unknown.getKnownPropertyIds()));
        problem.setProperty("field", unknown.getPropertyName());
        yield answer(problem);
      }
      case DatabindException trailing
          when trailing.getOriginalMessage().startsWith("Trailing token") ->
          answer(problem(ProblemType.MALFORMED_JSON, "there is more behind the JSON object"));
      case DatabindException mismatch -> {
        String field = pathOf(mismatch);
        ProblemDetail problem =
            problem(
                ProblemType.INVALID_FIELD,
                field.isEmpty()
                    ? "the body has to be a JSON object"
                    : field + " has a value of the wrong type");
        problem.setProperty("field", field);
        yield answer(problem);
      }
      case JacksonException malformed ->
          answer(
              problem(
                  ProblemType.MALFORMED_JSON,
                  "the body is not JSON: %s%s"
                      .formatted(malformed.getOriginalMessage(), placeOf(malformed))));
      case null, default ->
          answer(problem(ProblemType.MALFORMED_JSON, "the body is missing; send a JSON object"));
    };
  }

  /** What is longer than any value may be has no place. */
  private static String placeOf(JacksonException malformed) {
    TokenStreamLocation at = malformed.getLocation();
    return at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
  }

  private static String pathOf(DatabindException mismatch) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : mismatch.getPath()) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return path.toString();
  }

  /** What Spring itself refuses: same form, our types. */
  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception e,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    String detail =
        switch (e) {
          case MethodArgumentTypeMismatchException mismatch ->
              "%s has a value of the wrong type".formatted(mismatch.getName());
          case ErrorResponse response -> response.getBody().getDetail();
          default -> e.getMessage();
        };
    ResponseEntity<Object> answer = answer(problem(typeOf(status), detail));
    return ResponseEntity.status(answer.getStatusCode())
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(answer.getBody());
  }

  private static ProblemType typeOf(HttpStatusCode status) {
    return switch (HttpStatus.resolve(status.value())) {
      case NOT_FOUND -> ProblemType.NOT_FOUND;
      case CONFLICT -> ProblemType.WRONG_STATE;
      case METHOD_NOT_ALLOWED -> ProblemType.METHOD_NOT_ALLOWED;
      case NOT_ACCEPTABLE -> ProblemType.NOT_ACCEPTABLE;
      case UNSUPPORTED_MEDIA_TYPE -> ProblemType.UNSUPPORTED_MEDIA_TYPE;
      case CONTENT_TOO_LARGE -> ProblemType.BODY_TOO_LARGE;
      case SERVICE_UNAVAILABLE -> ProblemType.UNAVAILABLE;
      case null, default ->
          status.is4xxClientError() ? ProblemType.BAD_REQUEST : ProblemType.INTERNAL;
    };
  }

  private static ProblemDetail problem(ProblemType type, @Nullable String detail) {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(type.status(), detail);
    problem.setType(URI.create(type.uri()));
    problem.setTitle(type.title());
    return problem;
  }

  /** A problem of this type. */
  public static ResponseEntity<Object> answer(ProblemType type, @Nullable String detail) {
    return answer(problem(type, detail));
  }

  private static ResponseEntity<Object> answer(ProblemDetail problem) {
    return ResponseEntity.status(problem.getStatus())
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  /** A problem that will pass; says when to ask again. */
  public static ResponseEntity<Object> later(ProblemType type, @Nullable String detail) {
    return later(type, detail, RETRY_AFTER_SECONDS);
  }

  /** The same, where it is known when. */
  public static ResponseEntity<Object> later(
      ProblemType type, @Nullable String detail, long retryAfterSeconds) {
    return ResponseEntity.status(type.status())
        .header(HttpHeaders.RETRY_AFTER, Long.toString(retryAfterSeconds))
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem(type, detail));
  }
}

package io.agentflow.application.intake;

import java.util.Locale;
import org.springframework.http.HttpStatus;

/**
 * The kinds of refusal a client can tell apart (RFC 9457). The type is stable: {@code /problems/}
 * and the name in kebab case, described in {@code docs/problems.md}.
 */
public enum ProblemType {
  MALFORMED_JSON(HttpStatus.BAD_REQUEST, "The body is not well-formed JSON"),
  UNKNOWN_FIELD(HttpStatus.BAD_REQUEST, "The body has a field that this operation does not take"),
  BAD_REQUEST(HttpStatus.BAD_REQUEST, "The request cannot be understood"),
  INVALID_FIELD(HttpStatus.UNPROCESSABLE_CONTENT, "A field is missing or out of its range"),
  INVALID_PLAN(HttpStatus.UNPROCESSABLE_CONTENT, "The plan has faults"),
  UNAUTHENTICATED(HttpStatus.UNAUTHORIZED, "A token is needed that this server trusts"),
  FORBIDDEN(HttpStatus.FORBIDDEN, "None of your roles may do this"),
  NOT_ENTITLED(HttpStatus.FORBIDDEN, "This is for others to decide"),
  NOT_LOCAL(HttpStatus.FORBIDDEN, "Only programs of this machine may call"),
  NOT_FOUND(HttpStatus.NOT_FOUND, "There is no such thing in this tenant"),
  ALREADY_EXISTS(HttpStatus.CONFLICT, "The id is taken"),
  WRONG_STATE(HttpStatus.CONFLICT, "Not possible in the present state"),
  LIMIT_EXCEEDED(HttpStatus.CONFLICT, "The budget does not have that much left"),
  LIMIT_TOO_LOW(HttpStatus.CONFLICT, "More of the budget is in use than the limit would be"),
  CONFLICTING_REPEAT(HttpStatus.CONFLICT, "This id was already used with other content"),
  LEASE_LOST(HttpStatus.CONFLICT, "The lease is not held any more"),
  DIGEST_DIFFERS(HttpStatus.CONFLICT, "What is to be approved is not what was looked at"),
  CONCURRENT_CHANGE(HttpStatus.CONFLICT, "Somebody else changed it at the same moment"),
  STALE_VERSION(HttpStatus.PRECONDITION_FAILED, "It was changed since the caller looked"),
  KEY_IN_USE(HttpStatus.CONFLICT, "A request with this key is being carried out"),
  KEY_REUSED(HttpStatus.UNPROCESSABLE_CONTENT, "The key was used for another body"),
  REQUEST_TIMEOUT(HttpStatus.REQUEST_TIMEOUT, "The request did not come in time"),
  BODY_TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than the limit"),
  EVENT_TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "It is larger than what the log takes"),
  UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json"),
  NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE, "Only application/json is offered"),
  METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED, "Not a method of this resource"),
  RATE_LIMITED(HttpStatus.TOO_MANY_REQUESTS, "More requests than the limit allows"),
  UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "Not possible at this moment"),
  BUSY(HttpStatus.SERVICE_UNAVAILABLE, "Another of its kind is under way"),
  BUS_UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "No NATS server is connected"),
  BROKEN_LOG(HttpStatus.INTERNAL_SERVER_ERROR, "An entry of the log cannot be what was written"),
  INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, "A fault of the server");

  private final HttpStatus status;
  private final String title;

  ProblemType(HttpStatus status, String title) {
    this.status = status;
    this.title = title;
  }

  public HttpStatus status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** The problem's {@code type}: a reference that stays the same for ever. */
  public String uri() {
    return "/problems/" + slug();
  }

  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

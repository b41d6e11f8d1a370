package io.agentflow.application.intake;

import io.agentflow.application.access.Identity;
import io.agentflow.application.access.Permission;
import io.agentflow.domain.InvalidField;
import io.agentflow.domain.tenant.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Who calls, and for which tenant: by the token or the key alone. What belongs together is said by
 * headers.
 *
 * @param traceparent the W3C trace context of the request: the server's own where it traces, else
 *     the caller's, if it sent a well-formed one
 * @param correlationId what the caller says this belongs to
 * @param expectedVersion at which the caller has seen what its command is for; null for any
 * @param once how its request is known again; null where it may be carried out again
 */
public record Caller(
    Identity identity,
    @Nullable String traceparent,
    @Nullable String correlationId,
    @Nullable Long expectedVersion,
    @Nullable Once once) {

  public static final String CORRELATION_HEADER = "X-Correlation-ID";
  public static final String SYSTEM = Identity.SYSTEM;

  /**
   * A request's attribute by which the server, where it traces, says what belongs to the request:
   * the context of its own span, which continues the caller's.
   */
  public static final String TRACEPARENT_ATTRIBUTE = "traceparent";

  private static final Pattern ETAG = Pattern.compile("\"([0-9]{1,15})\"");
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  /** The server itself, doing in a tenant what an event or a clock asks for. */
  public static Caller system(
      String tenantId, @Nullable String traceparent, @Nullable String correlationId) {
    return new Caller(
        new Identity(tenantId, SYSTEM, List.of(), Set.of(), null),
        traceparent,
        correlationId,
        null,
        null);
  }

  /**
   * Somebody, with what the request's headers say besides.
   *
   * @throws InvalidField when a header is there and not of the form we take
   */
  static Caller of(Identity identity, HttpServletRequest request) {
    return new Caller(
        identity, traceparent(request), correlationId(request), expectedVersion(request), null);
  }

  /** The same, under a key. */
  public Caller once(Once request) {
    return new Caller(identity, traceparent, correlationId, expectedVersion, request);
  }

  /** The same, in a part of the tenant. */
  Caller in(Scope scope) {
    return new Caller(identity.in(scope), traceparent, correlationId, expectedVersion, once);
  }

  /** The same for a command that comes before the one that its request is answered by. */
  public Caller meanwhile() {
    return new Caller(identity, traceparent, correlationId, null, null);
  }

  private static @Nullable Long expectedVersion(HttpServletRequest request) {
    String value = request.getHeader(HttpHeaders.IF_MATCH);
    if (value == null || value.equals("*")) {
      return null;
    }
    Matcher version = ETAG.matcher(value);
    if (!version.matches()) {
      throw new InvalidField(
          HttpHeaders.IF_MATCH, "must be one version in quotes, as ETag answers it, or *");
    }
    return Long.valueOf(version.group(1));
  }

  public String tenantId() {
    return identity.tenantId();
  }

  public String actor() {
    return identity.actor();
  }

  /** What the caller is, where an approval asks for it. */
  public List<String> roles() {
    return identity.roles();
  }

  public boolean may(Permission permission) {
    return identity.may(permission);
  }

  private static @Nullable String correlationId(HttpServletRequest request) {
    String value = request.getHeader(CORRELATION_HEADER);
    if (value != null && !Identity.NAME.matcher(value).matches()) {
      throw new InvalidField(CORRELATION_HEADER, "must be " + Identity.NAME_IN_WORDS);
    }
    return value;
  }

  /** A malformed trace context is to be ignored, not refused: W3C Trace Context, section 3.2. */
  private static @Nullable String traceparent(HttpServletRequest request) {
    if (request.getAttribute(TRACEPARENT_ATTRIBUTE) instanceof String own) {
      return own;
    }
    String value = request.getHeader("traceparent");
    return value != null && TRACEPARENT.matcher(value).matches() ? value : null;
  }
}

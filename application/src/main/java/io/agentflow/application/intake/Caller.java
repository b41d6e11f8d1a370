package io.agentflow.application.intake;

import io.agentflow.application.access.Identity;
import io.agentflow.application.access.Permission;
import io.agentflow.domain.InvalidField;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, and for which tenant: by the token alone. What belongs together is said by headers.
 *
 * @param traceparent the caller's W3C trace context, if it sent a well-formed one
 * @param correlationId what the caller says this belongs to
 */
public record Caller(
    Identity identity, @Nullable String traceparent, @Nullable String correlationId) {

  public static final String CORRELATION_HEADER = "X-Correlation-ID";
  public static final String SYSTEM = Identity.SYSTEM;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:@/-]{1,128}");
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  /** The server itself, doing in a tenant what an event or a clock asks for. */
  public static Caller system(
      String tenantId, @Nullable String traceparent, @Nullable String correlationId) {
    return new Caller(
        new Identity(tenantId, SYSTEM, List.of(), Set.of(), null), traceparent, correlationId);
  }

  /**
   * Somebody, with what the request's headers say besides.
   *
   * @throws InvalidField when a header is there and not of the form we take
   */
  static Caller of(Identity identity, HttpServletRequest request) {
    return new Caller(identity, traceparent(request), correlationId(request));
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
    if (value != null && !NAME.matcher(value).matches()) {
      throw new InvalidField(CORRELATION_HEADER, "must be 1 to 128 of A-Z, a-z, 0-9 and ._:@/-");
    }
    return value;
  }

  /** A malformed trace context is to be ignored, not refused: W3C Trace Context, section 3.2. */
  private static @Nullable String traceparent(HttpServletRequest request) {
    String value = request.getHeader("traceparent");
    return value != null && TRACEPARENT.matcher(value).matches() ? value : null;
  }
}

package io.agentflow.application.intake;

import io.agentflow.domain.InvalidField;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Who calls, and for which tenant. Both are claimed by header until access control exists, which is
 * why the server listens on loopback alone.
 *
 * @param traceparent the caller's W3C trace context, if it sent a well-formed one
 * @param correlationId what the caller says this belongs to
 * @param roles what the caller is, where an approval asks for it
 * @param expectedVersion at which the caller has seen what its command is for; null for any
 * @param once how its request is known again; null where it may be carried out again
 */
public record Caller(
    String tenantId,
    String actor,
    @Nullable String traceparent,
    @Nullable String correlationId,
    List<String> roles,
    @Nullable Long expectedVersion,
    @Nullable Once once) {

  public static final String TENANT_HEADER = "AF-Tenant";
  public static final String ACTOR_HEADER = "AF-Actor";
  public static final String CORRELATION_HEADER = "X-Correlation-ID";
  public static final String ROLES_HEADER = "AF-Roles";
  public static final String SYSTEM = "agentflow";
  public static final String TENANT_DEFAULT = "default";
  public static final String ACTOR_DEFAULT = "anonymous";

  private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:@/-]{1,128}");
  private static final Pattern ETAG = Pattern.compile("\"([0-9]{1,15})\"");
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  /** The server itself, doing in a tenant what an event or a clock asks for. */
  public static Caller system(
      String tenantId, @Nullable String traceparent, @Nullable String correlationId) {
    return new Caller(tenantId, SYSTEM, traceparent, correlationId, List.of(), null, null);
  }

  /**
   * Reads the request's headers.
   *
   * @throws InvalidField when a header is there and not of the form we take
   */
  static Caller of(HttpServletRequest request) {
    return new Caller(
        header(
            request,
            TENANT_HEADER,
            TENANT,
            TENANT_DEFAULT,
            "1 to 63 of a-z, 0-9 and -, no - first"),
        header(request, ACTOR_HEADER, NAME, ACTOR_DEFAULT, "1 to 128 of A-Z, a-z, 0-9 and ._:@/-"),
        traceparent(request),
        request.getHeader(CORRELATION_HEADER) == null
            ? null
            : header(request, CORRELATION_HEADER, NAME, "", "1 to 128 of A-Z, a-z, 0-9 and ._:@/-"),
        roles(request),
        expectedVersion(request),
        null);
  }

  /** The same, under a key. */
  public Caller once(@Nullable Once request) {
    return new Caller(tenantId, actor, traceparent, correlationId, roles, expectedVersion, request);
  }

  /** The same for a command that comes before the one that its request is answered by. */
  public Caller meanwhile() {
    return new Caller(tenantId, actor, traceparent, correlationId, roles, null, null);
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

  private static List<String> roles(HttpServletRequest request) {
    String value = request.getHeader(ROLES_HEADER);
    if (value == null) {
      return List.of();
    }
    List<String> roles = List.of(value.split(",", -1));
    if (!roles.stream().allMatch(role -> NAME.matcher(role).matches())) {
      throw new InvalidField(
          ROLES_HEADER, "must be names with commas between, each of A-Z, a-z, 0-9 and ._:@/-");
    }
    return roles;
  }

  private static String header(
      HttpServletRequest request, String name, Pattern form, String absent, String formInWords) {
    String value = request.getHeader(name);
    if (value == null) {
      return absent;
    }
    if (!form.matcher(value).matches()) {
      throw new InvalidField(name, "must be " + formInWords);
    }
    return value;
  }

  /** A malformed trace context is to be ignored, not refused: W3C Trace Context, section 3.2. */
  private static @Nullable String traceparent(HttpServletRequest request) {
    String value = request.getHeader("traceparent");
    return value != null && TRACEPARENT.matcher(value).matches() ? value : null;
  }
}

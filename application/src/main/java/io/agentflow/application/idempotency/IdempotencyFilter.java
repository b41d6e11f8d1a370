package io.agentflow.application.idempotency;

import io.agentflow.application.intake.Caller;
import io.agentflow.application.intake.Commands;
import io.agentflow.application.intake.Once;
import io.agentflow.application.intake.Problems;
import io.agentflow.domain.InvalidField;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.Receipt;
import io.agentflow.eventstore.Receipt.Recorded;
import io.agentflow.eventstore.ReceiptKey;
import io.agentflow.eventstore.postgres.Receipts;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Carries a request with an {@value #HEADER} out once: what it appends has its receipt in the same
 * transaction, and a repeat is answered from that. What appends nothing, also a refusal by the
 * domain, is recorded as it was answered. Keys are those of a tenant, a principal and a route.
 *
 * <p>After draft-ietf-httpapi-idempotency-key-header-07; the key need not be a quoted string.
 */
@Component
@Order(6)
class IdempotencyFilter extends OncePerRequestFilter {

  static final String HEADER = "Idempotency-Key";
  static final String REPLAYED = "Idempotency-Replayed";

  private static final Pattern FORM = Pattern.compile("[!-~]{1,255}");
  private static final List<String> RECORDED_HEADERS =
      List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.ETAG, Commands.POSITION_HEADER);

  private final Receipts receipts;
  private final IdempotencySettings settings;
  private final Clock clock;
  private final HandlerExceptionResolver handlerExceptionResolver;
  private final Set<ReceiptKey> inFlight = ConcurrentHashMap.newKeySet();

  IdempotencyFilter(
      Receipts receipts,
      IdempotencySettings settings,
      Clock clock,
      HandlerExceptionResolver handlerExceptionResolver) {
    this.receipts = receipts;
    this.settings = settings;
    this.clock = clock;
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getHeader(HEADER) == null || !request.getMethod().equals(HttpMethod.POST.name());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String key = request.getHeader(HEADER);
    if (!FORM.matcher(key).matches()) {
      refuse(
          request, response, new InvalidField(HEADER, "must be 1 to 255 visible ASCII characters"));
      return;
    }
    if (!(request.getAttribute("caller") instanceof Caller caller)) {
      chain.doFilter(request, response);
      return;
    }
    ReceiptKey under =
        new ReceiptKey(caller.tenantId(), caller.actor(), "POST " + request.getRequestURI(), key);
    if (!inFlight.add(under)) {
      refuse(request, response, new KeyInUse());
      return;
    }
    ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
    try {
      once(under, caller, request, answer, chain);
    } finally {
      inFlight.remove(under);
    }
    // Only now: who has the answer may use the key again.
    answer.copyBodyToResponse();
  }

  private void once(
      ReceiptKey under,
      Caller caller,
      HttpServletRequest request,
      ContentCachingResponseWrapper answer,
      FilterChain chain)
      throws ServletException, IOException {
    Hash digest = Hash.sha256(request.getInputStream().readAllBytes());
    Instant now = clock.instant();
    Optional<Receipt> before;
    try {
      before = receipts.find(under, now);
    } catch (RuntimeException e) {
      refuse(request, answer, e);
      return;
    }
    if (before.isPresent()) {
      replay(before.get(), digest, request, answer);
      return;
    }
    Once once = new Once(under, digest, now.plus(settings.receiptsLast()));
    request.setAttribute("caller", caller.once(once));
    chain.doFilter(request, answer);
    if (!once.isReceipted() && isRemembered(request, answer)) {
      try {
        record(once, answer);
      } catch (RuntimeException e) {
        answer.reset();
        refuse(request, answer, e);
      }
    }
  }

  private static boolean isRemembered(HttpServletRequest request, HttpServletResponse answer) {
    return HttpStatus.valueOf(answer.getStatus()).is2xxSuccessful()
        || request.getAttribute(Problems.REFUSED) != null;
  }

  private void record(Once once, ContentCachingResponseWrapper answer) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : RECORDED_HEADERS) {
      String value = answer.getHeader(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    receipts.record(
        once.key(),
        once.payloadDigest(),
        once.expiresAt(),
        answer.getStatus(),
        new Recorded(headers, new String(answer.getContentAsByteArray(), StandardCharsets.UTF_8)));
  }

  private void replay(
      Receipt receipt, Hash digest, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!receipt.payloadDigest().equals(digest)) {
      refuse(request, response, new KeyReused());
      return;
    }
    response.setHeader(REPLAYED, "true");
    Recorded recorded = receipt.recorded();
    if (recorded == null) {
      handlerExceptionResolver.resolveException(request, response, null, new Replayed(receipt));
      return;
    }
    response.setStatus(receipt.status());
    recorded.headers().forEach(response::setHeader);
    response.getOutputStream().write(recorded.body().getBytes(StandardCharsets.UTF_8));
  }

  private void refuse(
      HttpServletRequest request, HttpServletResponse response, RuntimeException reason) {
    handlerExceptionResolver.resolveException(request, response, null, reason);
  }
}

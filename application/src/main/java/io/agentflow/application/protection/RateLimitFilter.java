package io.agentflow.application.protection;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.agentflow.application.intake.Caller;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Lets a principal and a tenant send so many requests a second, and twice as many at once after a
 * pause. By token buckets, before a body is read; who is unknown is turned away elsewhere.
 */
@Component
@Order(3)
class RateLimitFilter extends OncePerRequestFilter {

  /** Whose bucket is not used for so long has it full again. */
  private static final Duration FORGET_AFTER = Duration.ofMinutes(1);

  private static final int BUCKETS_MAX = 100_000;

  private final LoadingCache<Principal, Bucket> principals;
  private final LoadingCache<String, Bucket> tenants;
  private final HandlerExceptionResolver handlerExceptionResolver;

  private record Principal(String tenantId, String actor) {}

  RateLimitFilter(ProtectionSettings settings, HandlerExceptionResolver handlerExceptionResolver) {
    this.principals = buckets(settings.principalPerSecond());
    this.tenants = buckets(settings.tenantPerSecond());
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  private static <K> LoadingCache<K, Bucket> buckets(int perSecond) {
    return Caffeine.newBuilder()
        .expireAfterAccess(FORGET_AFTER)
        .maximumSize(BUCKETS_MAX)
        .build(key -> bucket(perSecond));
  }

  private static Bucket bucket(int perSecond) {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit
                    .capacity(Math.multiplyExact(2L, perSecond))
                    .refillGreedy(perSecond, Duration.ofSeconds(1)))
        .build();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getAttribute("caller") instanceof Caller caller) {
      try {
        take(principals.get(new Principal(caller.tenantId(), caller.actor())), "this principal");
        take(tenants.get(caller.tenantId()), "this tenant");
      } catch (TooManyRequests e) {
        handlerExceptionResolver.resolveException(request, response, null, e);
        return;
      }
    }
    chain.doFilter(request, response);
  }

  private static void take(Bucket bucket, String whose) {
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      throw new TooManyRequests(
          whose, TimeUnit.NANOSECONDS.toSeconds(probe.getNanosToWaitForRefill()) + 1);
    }
  }
}

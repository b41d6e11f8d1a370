package io.agentflow.application.intake;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentflow.application.CurrentTenant;
import io.agentflow.application.access.AccessSettings;
import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.Identity;
import io.agentflow.application.access.KeyAuthentication;
import io.agentflow.application.access.TenantDirectory;
import io.agentflow.domain.InvalidField;
import io.agentflow.eventstore.LogUnavailable;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.core.annotation.Order;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Names the caller once a request: as attributes {@code caller} and {@code tenantId}. Whoever comes
 * without a token, to what is open, is nobody.
 */
@Component
@Order(2)
class CallerFilter extends OncePerRequestFilter {

  private static final String TENANT_HEADER = "AF-Tenant";

  private final AccessSettings settings;
  private final TenantDirectory directory;
  private final HandlerExceptionResolver handlerExceptionResolver;

  /** What the claims say of each token, for as long as its signature is known to be good. */
  private final Cache<Jwt, Identity> said = Caffeine.newBuilder().weakKeys().build();

  CallerFilter(
      AccessSettings settings,
      TenantDirectory directory,
      HandlerExceptionResolver handlerExceptionResolver) {
    this.settings = settings;
    this.directory = directory;
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String tenantId = CurrentTenant.NOBODY;
    try {
      Optional<Identity> identity =
          switch (SecurityContextHolder.getContext().getAuthentication()) {
            case JwtAuthenticationToken token -> Optional.of(of(token));
            case KeyAuthentication key -> Optional.of(key.identity());
            case null, default -> Optional.empty();
          };
      if (identity.isPresent()) {
        checkTenant(identity.get(), request);
        Caller caller = Caller.of(identity.get(), request);
        request.setAttribute("caller", caller);
        tenantId = caller.tenantId();
        request.setAttribute("tenantId", tenantId);
      }
    } catch (Forbidden | InvalidField | LogUnavailable e) {
      handlerExceptionResolver.resolveException(request, response, null, e);
      return;
    }
    try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
      chain.doFilter(request, response);
    }
  }

  /** A request may say for which tenant it is meant; whose it is its token says. */
  private static void checkTenant(Identity identity, HttpServletRequest request) {
    String meant = request.getHeader(TENANT_HEADER);
    if (meant != null && !meant.equals(identity.tenantId())) {
      throw Forbidden.inTenant(identity.tenantId());
    }
  }

  /** By what its claims say and what its tenant has bound. */
  private Identity of(JwtAuthenticationToken token) {
    Identity identity =
        said.get(token.getToken(), trusted -> Identity.of(trusted.getClaims(), settings));
    return identity.agentId() == null
        ? identity.with(directory.rolesOf(identity.tenantId(), identity.actor()))
        : identity;
  }
}

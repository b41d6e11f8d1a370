package io.agentflow.application.work;

import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.LeasedRequest;
import io.agentflow.application.intake.Caller;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/**
 * Looks at each lease that an agent's own token speaks of: it has to be that agent's. A lease that
 * is over belongs to nobody; what is said by it is the workflow's to refuse.
 */
@RestControllerAdvice
class LeaseOwners extends RequestBodyAdviceAdapter {

  private final WorkLoop loop;

  LeaseOwners(WorkLoop loop) {
    this.loop = loop;
  }

  @Override
  public boolean supports(
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converterType) {
    return LeasedRequest.class.isAssignableFrom(parameter.getParameterType());
  }

  @Override
  public Object afterBodyRead(
      Object body,
      HttpInputMessage message,
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converterType) {
    String agentId = actingAgent();
    if (agentId != null && body instanceof LeasedRequest request) {
      check(agentId, request);
    }
    return body;
  }

  private static @Nullable String actingAgent() {
    return RequestContextHolder.currentRequestAttributes()
                .getAttribute("caller", RequestAttributes.SCOPE_REQUEST)
            instanceof Caller caller
        ? caller.identity().agentId()
        : null;
  }

  private void check(String agentId, LeasedRequest request) {
    if (request.agentId() != null && !agentId.equals(request.agentId())) {
      throw Forbidden.toAgent("this token may act only as the agent " + agentId);
    }
    for (String token : request.leaseTokens()) {
      if (token == null) {
        throw Forbidden.toAgent("an agent speaks of a step that it holds: send its leaseToken");
      }
      if (owner(token).filter(held -> !held.equals(agentId)).isPresent()) {
        throw Forbidden.toAgent("the lease is another agent's");
      }
    }
  }

  /** A lease that another node gave a moment ago may not be known here yet. */
  private Optional<String> owner(String leaseToken) {
    Optional<String> owner = loop.work().lease(leaseToken).map(OpenWork.Held::agentId);
    if (owner.isEmpty()) {
      try {
        loop.awaitEnd();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the log was read", e);
      }
      owner = loop.work().lease(leaseToken).map(OpenWork.Held::agentId);
    }
    return owner;
  }
}

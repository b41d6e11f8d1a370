package io.agentflow.application.intake;

import io.agentflow.application.access.Forbidden;
import io.agentflow.application.access.Permission;
import io.agentflow.application.access.WorkflowRequest;
import io.agentflow.domain.tenant.Scope;
import java.lang.reflect.Type;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/**
 * Looks at where a new workflow would be: its description says so. Who may describe one somewhere
 * was let pass before by {@link AccessControl}.
 */
@RestControllerAdvice
class NewWorkflows extends RequestBodyAdviceAdapter {

  @Override
  public boolean supports(
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converterType) {
    return WorkflowRequest.class.isAssignableFrom(parameter.getParameterType());
  }

  @Override
  public Object afterBodyRead(
      Object body,
      HttpInputMessage message,
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converterType) {
    RequestAttributes request = RequestContextHolder.currentRequestAttributes();
    Scope scope = ((WorkflowRequest) body).scope();
    if (!(request.getAttribute("caller", RequestAttributes.SCOPE_REQUEST) instanceof Caller caller)
        || !caller.identity().may(Permission.EXECUTE_WORKFLOWS, scope)) {
      throw Forbidden.without(Permission.EXECUTE_WORKFLOWS, scope);
    }
    return body;
  }
}

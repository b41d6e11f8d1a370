package io.agentflow.application.intake;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Refuses what can be read by nobody: a query that is none, a type that is none; and a command
 * whose answer its sender would not take. Later it would be met in the midst of something else, and
 * look like a fault of ours.
 */
@Component
@Order(5)
class WellFormedFilter extends OncePerRequestFilter {

  private final HandlerExceptionResolver handlerExceptionResolver;

  WellFormedFilter(HandlerExceptionResolver handlerExceptionResolver) {
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Exception fault = fault(request);
    if (fault == null) {
      chain.doFilter(request, response);
    } else {
      handlerExceptionResolver.resolveException(request, response, null, fault);
    }
  }

  private static @Nullable Exception fault(HttpServletRequest request) {
    try {
      request.getParameterMap();
    } catch (IllegalStateException e) {
      return refusal("the query has to be name=value pairs, encoded as UTF-8", e);
    }
    if (request.getMethod().equals(HttpMethod.POST.name()) && !takesJson(request)) {
      return new HttpMediaTypeNotAcceptableException(List.of(MediaType.APPLICATION_JSON));
    }
    String type = request.getContentType();
    try {
      return type == null || type.isBlank() || MediaType.parseMediaType(type).isConcrete()
          ? null
          : refusal("Content-Type has to name one type", null);
    } catch (InvalidMediaTypeException e) {
      return refusal("Content-Type has to be the name of a type", e);
    }
  }

  /** Asked before: a command whose answer cannot be taken must not be carried out. */
  private static boolean takesJson(HttpServletRequest request) {
    List<String> accepted = Collections.list(request.getHeaders(HttpHeaders.ACCEPT));
    try {
      List<MediaType> types = MediaType.parseMediaTypes(accepted);
      return types.isEmpty()
          || types.stream().anyMatch(type -> type.isCompatibleWith(MediaType.APPLICATION_JSON));
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }

  private static Exception refusal(String sentence, @Nullable Exception cause) {
    return new ResponseStatusException(HttpStatus.BAD_REQUEST, sentence, cause);
  }
}

package io.agentflow.server.wiring;

import io.agentflow.application.access.AnswerHeaders;
import io.agentflow.application.intake.ProblemType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Answers what Tomcat refuses before we hear of it, such as a path with a backslash, as we answer
 * everything else that we refuse: as a problem.
 */
@Component
class RefusalsOfTomcat implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.addContextCustomizers(
        context -> context.getParent().getPipeline().addValve(new AsProblem()));
  }

  private static final class AsProblem extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(RefusalsOfTomcat.class);

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
      if (response.getStatus() < 400
          || response.getContentWritten() > 0
          || response.isCommitted()) {
        return;
      }
      ProblemType type =
          switch (response.getStatus()) {
            case 405 -> ProblemType.METHOD_NOT_ALLOWED;
            case 408 -> ProblemType.REQUEST_TIMEOUT;
            case 500 -> ProblemType.INTERNAL;
            case 503 -> ProblemType.UNAVAILABLE;
            default -> ProblemType.BAD_REQUEST;
          };
      byte[] problem =
          """
          {"type":"%s","title":"%s","status":%d,"detail":"%s"}"""
              .formatted(type.uri(), type.title(), type.status().value(), detail(type))
              .getBytes(StandardCharsets.UTF_8);
      response.setStatus(type.status().value());
      AnswerHeaders.ALL.forEach(response::setHeader);
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      response.setContentLength(problem.length);
      try {
        response.getOutputStream().write(problem);
        response.finishResponse();
      } catch (IOException e) {
        LOG.debug("the client went away", e);
      }
    }

    private static String detail(ProblemType type) {
      return switch (type) {
        case METHOD_NOT_ALLOWED -> "no operation here has this method";
        case REQUEST_TIMEOUT -> "the body stopped coming before it was whole";
        case BAD_REQUEST -> "the request is not of a form that HTTP allows";
        default -> "the server cannot answer now";
      };
    }
  }
}

package io.agentflow.server.wiring;

import io.agentflow.application.stream.CutOff;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Lets whoever answers a request close its connection. Servlets cannot: to complete an answer waits
 * until the client has taken all of it, however slowly it does.
 */
@Component
class CutOffValve implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.addContextValves(new Offer());
  }

  /** Puts the way to close it among the attributes of each request. */
  private static final class Offer extends ValveBase {

    Offer() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      request.setAttribute(CutOff.ATTRIBUTE, new ByTomcat(request, response));
      getNext().invoke(request, response);
    }
  }

  /** Tomcat uses these objects again: what is over must not cut off who came after. */
  private static final class ByTomcat implements CutOff {

    private final Request request;
    private final Response response;

    ByTomcat(Request request, Response response) {
      this.request = request;
      this.response = response;
    }

    @Override
    public void run() {
      if (request.getAttribute(CutOff.ATTRIBUTE) == this) {
        response
            .getCoyoteResponse()
            .action(ActionCode.CLOSE_NOW, new IOException("the client was cut off"));
        if (!request.isAsync()) {
          SlowClients.HeadersInTime.close(request.getCoyoteRequest());
        }
      }
    }
  }
}

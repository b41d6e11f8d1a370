package io.agentflow.server.wiring;

import io.agentflow.application.access.AnswerHeaders;
import io.agentflow.application.intake.ProblemType;
import io.agentflow.server.RequestTimes;
import io.agentflow.server.ServerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Does not wait for clients who send a byte now and then. Tomcat limits the silence between two
 * bytes; what a request's headers may take in all is limited here.
 */
@Component
class SlowClients implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  private final RequestTimes times;

  SlowClients(ServerSettings settings) {
    this.times = settings.times();
  }

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.setProtocol(HeadersInTime.class.getName());
    factory.addConnectorCustomizers(
        connector -> {
          HeadersInTime protocol = (HeadersInTime) connector.getProtocolHandler();
          protocol.setConnectionTimeout(Math.toIntExact(times.silence().toMillis()));
          protocol.setKeepAliveTimeout(Math.toIntExact(times.keepAlive().toMillis()));
          protocol.setHeadersWithin(times.headers());
        });
  }

  /** HTTP whose connections are looked through for headers that do not become whole. */
  public static final class HeadersInTime extends Http11NioProtocol {

    private static final Logger LOG = LoggerFactory.getLogger(SlowClients.class);
    private static final long LOOK_AGAIN_AFTER_MILLIS = 250;

    /** Which of a request's notes has its connection; Tomcat itself uses the first few. */
    private static final int CONNECTION = Constants.MAX_NOTES - 1;

    private Duration headersWithin = RequestTimes.DEFAULT.headers();
    private @Nullable ScheduledFuture<?> looking;

    /** Closes the connection of a request that is being answered, from any thread. */
    static void close(Request request) {
      if (request.getNote(CONNECTION) instanceof SocketWrapperBase<?> connection) {
        connection.close();
      }
    }

    @Override
    protected Processor createProcessor() {
      return new Http11Processor(this, getAdapter()) {
        @Override
        public SocketState service(SocketWrapperBase<?> connection) throws IOException {
          request.setNote(CONNECTION, connection);
          return super.service(connection);
        }
      };
    }

    void setHeadersWithin(Duration headersWithin) {
      this.headersWithin = headersWithin;
    }

    @Override
    public void start() throws Exception {
      super.start();
      looking =
          getUtilityExecutor()
              .scheduleWithFixedDelay(
                  this::look,
                  LOOK_AGAIN_AFTER_MILLIS,
                  LOOK_AGAIN_AFTER_MILLIS,
                  TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() throws Exception {
      if (looking != null) {
        looking.cancel(false);
      }
      super.stop();
    }

    private void look() {
      try {
        getEndpoint().getConnections().forEach(this::refuseIfLate);
      } catch (RuntimeException e) {
        LOG.error("slow clients are not looked for; trying again", e);
      }
    }

    /** Who holds the lock is reading what has come, and is seen the next time. */
    private void refuseIfLate(SocketWrapperBase<NioChannel> connection) {
      ReentrantLock lock = connection.getLock();
      if (isLate(connection) && lock.tryLock()) {
        try {
          if (isLate(connection)) {
            refuse(connection);
          }
        } finally {
          lock.unlock();
        }
      }
    }

    /**
     * Between two reads of headers a connection has its processor, whose request has begun. Nobody
     * works on it, and it is not one that is answered asynchronously.
     */
    private boolean isLate(SocketWrapperBase<NioChannel> connection) {
      if (!(connection.getCurrentProcessor() instanceof Processor processor)
          || processor.isAsync()) {
        return false;
      }
      long begunNanos = processor.getRequest().getStartTimeNanos();
      return begunNanos >= 0 && System.nanoTime() - begunNanos > headersWithin.toNanos();
    }

    private void refuse(SocketWrapperBase<NioChannel> connection) {
      try {
        byte[] answer = answer().getBytes(StandardCharsets.UTF_8);
        connection.write(false, answer, 0, answer.length);
        connection.flush(false);
      } catch (IOException e) {
        LOG.debug("the client went away", e);
      } finally {
        connection.close();
      }
    }

    private String answer() {
      ProblemType type = ProblemType.REQUEST_TIMEOUT;
      String problem =
          """
          {"type":"%s","title":"%s","status":%d,"detail":"the headers were not whole within %d s"}"""
              .formatted(
                  type.uri(), type.title(), type.status().value(), headersWithin.toSeconds());
      StringBuilder answer =
          new StringBuilder("HTTP/1.1 %d \r\n".formatted(type.status().value()))
              .append("Connection: close\r\n")
              .append("Content-Type: %s\r\n".formatted(MediaType.APPLICATION_PROBLEM_JSON_VALUE))
              .append("Content-Length: %d\r\n".formatted(problem.length()));
      AnswerHeaders.ALL.forEach(
          (name, value) -> answer.append("%s: %s\r\n".formatted(name, value)));
      return answer.append("\r\n").append(problem).toString();
    }
  }
}

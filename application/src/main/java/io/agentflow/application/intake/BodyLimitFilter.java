package io.agentflow.application.intake;

import io.agentflow.application.intake.BodyInTime.BodyTooSlow;
import io.agentflow.application.stream.CutOff;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Reads a body up to the limit before anything else looks at it, whether it names its length or
 * comes in chunks: what is too large is refused whole, and so is what comes too slowly.
 */
@Component
@Order(4)
class BodyLimitFilter extends OncePerRequestFilter {

  /**
   * A plan of a thousand steps, or a hundred answers, do not fit into what is enough for others.
   */
  private static final Pattern PLAN =
      Pattern.compile(
          "/v1/workflows/[^/]+/plan|/v1/workflows/launch|/v1/schedules|/v1/agents/[^/]+/answers");

  private final Limit ofCommands;
  private final Limit ofPlans;
  private final Duration within;
  private final HandlerExceptionResolver handlerExceptionResolver;

  /**
   * How many bytes are read.
   *
   * @param setting by which an operator changes it
   */
  private record Limit(String what, int bytes, String setting) {

    static Limit of(String what, DataSize size, String setting) {
      return new Limit(what, Math.toIntExact(size.toBytes()), setting);
    }
  }

  BodyLimitFilter(
      @Value("${agentflow.command-body-limit}") DataSize ofCommands,
      @Value("${agentflow.plan-body-limit}") DataSize ofPlans,
      @Value("${agentflow.body-time}") Duration within,
      HandlerExceptionResolver handlerExceptionResolver) {
    this.ofCommands = Limit.of("a command's", ofCommands, "AF_COMMAND_BODY_LIMIT");
    this.ofPlans = Limit.of("a plan's", ofPlans, "AF_PLAN_BODY_LIMIT");
    this.within = within;
    this.handlerExceptionResolver = handlerExceptionResolver;
  }

  /** What comes with a GET has no meaning (RFC 9110, section 9.3.1): nobody reads it. */
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Limit limit = PLAN.matcher(request.getRequestURI()).matches() ? ofPlans : ofCommands;
    if (request.getContentLengthLong() > limit.bytes()) {
      refuse(request, response, new BodyTooLarge(limit));
      return;
    }
    byte[] body;
    try {
      body = new BodyInTime(request.getInputStream(), within).read(limit.bytes() + 1);
    } catch (BodyTooSlow e) {
      refuse(request, response, e);
      response.flushBuffer();
      if (request.getAttribute(CutOff.ATTRIBUTE) instanceof CutOff cutOff) {
        cutOff.run(); // else Tomcat would read the rest, for as long as it trickles
      }
      return;
    } catch (IOException e) {
      if (e.getCause() instanceof SocketTimeoutException) {
        return; // the client was silent, and Tomcat has refused it by now
      }
      throw e;
    }
    if (body.length > limit.bytes()) {
      refuse(request, response, new BodyTooLarge(limit));
      return;
    }
    chain.doFilter(new ReadRequest(request, body), response);
  }

  private void refuse(HttpServletRequest request, HttpServletResponse response, Exception why) {
    handlerExceptionResolver.resolveException(request, response, null, why);
  }

  /** The body was above the limit. */
  static final class BodyTooLarge extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private BodyTooLarge(Limit limit) {
      super(
          "%s body has at most %d bytes; the server's setting is %s"
              .formatted(limit.what(), limit.bytes(), limit.setting()));
    }
  }

  private static final class ReadRequest extends HttpServletRequestWrapper {

    private final byte[] body;

    ReadRequest(HttpServletRequest request, byte[] body) {
      super(request);
      this.body = body;
    }

    @Override
    public ServletInputStream getInputStream() {
      return new ReadBody(body);
    }

    @Override
    public BufferedReader getReader() {
      return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
    }
  }

  private static final class ReadBody extends ServletInputStream {

    private final ByteArrayInputStream bytes;

    ReadBody(byte[] body) {
      this.bytes = new ByteArrayInputStream(body);
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return bytes.read(target, offset, length);
    }

    @Override
    public boolean isFinished() {
      return bytes.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("the body is already here; read it");
    }
  }
}

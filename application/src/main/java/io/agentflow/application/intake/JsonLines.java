package io.agentflow.application.intake;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * An answer of JSON lines that goes out while it is made. What fails before the first line is
 * answered like any request that fails; what fails in the midst ends with a line that has the
 * problem.
 */
public final class JsonLines {

  public static final String MEDIA_TYPE = MediaType.APPLICATION_NDJSON_VALUE;

  private static final Logger LOG = LoggerFactory.getLogger(JsonLines.class);

  private final HttpServletResponse response;
  private final JsonMapper json;

  private JsonLines(HttpServletResponse response, JsonMapper json) {
    this.response = response;
    this.json = json;
  }

  /** Makes an answer's lines. */
  public interface Body {
    void writeTo(JsonLines lines) throws IOException;
  }

  /** Answers; returns when the last line is out, or nobody listens any more. */
  public static void answer(HttpServletResponse response, JsonMapper json, Body body) {
    JsonLines lines = new JsonLines(response, json);
    response.setContentType(MEDIA_TYPE);
    try {
      body.writeTo(lines);
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the client went away", e);
    } catch (RuntimeException e) {
      if (!response.isCommitted()) {
        response.reset();
        throw e;
      }
      lines.endWith(e);
    }
  }

  private void endWith(RuntimeException e) {
    try {
      write("problem", Problems.inTheMidst(e));
    } catch (UncheckedIOException gone) {
      LOG.debug("the client went away", gone);
    }
  }

  /**
   * Sends a line: an object with one member.
   *
   * @throws UncheckedIOException when nobody listens any more
   */
  public synchronized void write(String name, Object value) {
    try {
      OutputStream out = response.getOutputStream();
      out.write(json.writeValueAsBytes(Map.of(name, value)));
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

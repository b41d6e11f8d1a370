package io.agentflow.application.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.security.web.header.HeaderWriter;

/**
 * What each answer tells a browser, also a refusal: to guess no type, to keep nothing, to show it
 * in no frame and to load nothing for it. What an answer says itself of these, it says instead.
 */
public final class AnswerHeaders implements HeaderWriter {

  public static final Map<String, String> ALL =
      Map.of(
          "X-Content-Type-Options", "nosniff",
          "Cache-Control", "no-store",
          "X-Frame-Options", "DENY",
          "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

  @Override
  public void writeHeaders(HttpServletRequest request, HttpServletResponse response) {
    ALL.forEach(
        (name, value) -> {
          if (!response.containsHeader(name)) {
            response.setHeader(name, value);
          }
        });
  }
}

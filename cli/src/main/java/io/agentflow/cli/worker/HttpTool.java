package io.agentflow.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * {@code http}: sends one request, to hosts that the worker allows, and answers with status and
 * body. A redirect is followed only by GET and HEAD, and only on the same host and port. The time
 * of the step is its limit. No proxy is used: it would be the proxy that looks names up.
 */
public final class HttpTool implements StepTool {

  private static final Set<String> FIELDS = Set.of("method", "url", "headers", "body");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  private static final Set<String> FOLLOWING = Set.of("GET", "HEAD");
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int REDIRECTS_MAX = 5;
  private static final int EXCERPT_CHARS = 300;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();
  private final AllowedHosts allowed;
  private final int bodyBytesMax;

  /**
   * A tool for these hosts.
   *
   * @param hosts {@code api.example.com}, {@code 127.0.0.1:8080}
   * @param bodyBytesMax largest body of an answer
   * @throws IllegalArgumentException for what is no host
   */
  public HttpTool(List<String> hosts, int bodyBytesMax) {
    this.allowed = new AllowedHosts(hosts);
    this.bodyBytesMax = bodyBytesMax;
  }

  @Override
  public String run(JsonNode input, StepContext context) throws InterruptedException {
    Inputs.known(input, FIELDS);
    String method = input.path("method").asText("GET");
    if (!METHODS.contains(method)) {
      throw StepFailed.forGood("method must be one of " + METHODS + ", not " + method);
    }
    URI uri = uri(Inputs.text(input, "url"));
    for (int redirects = 0; ; redirects++) {
      allowed.check(uri);
      HttpResponse<InputStream> response = send(request(method, uri, input));
      String body = body(response, uri);
      if (!REDIRECTS.contains(response.statusCode())) {
        return answer(method, uri, response.statusCode(), body);
      }
      uri = redirected(method, uri, response);
      if (redirects == REDIRECTS_MAX) {
        throw StepFailed.forGood("more than %d redirects, to %s".formatted(REDIRECTS_MAX, uri));
      }
    }
  }

  private static URI uri(String url) {
    try {
      URI uri = new URI(url);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isHttp && uri.getHost() != null && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // told below, like every other address that is none
    }
    throw StepFailed.forGood("url must be http(s)://host/…, without a user, not " + url);
  }

  private static HttpRequest request(String method, URI uri, JsonNode input) {
    JsonNode body = input.path("body");
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(uri)
              .method(
                  method,
                  body.isMissingNode() || body.isNull()
                      ? BodyPublishers.noBody()
                      : BodyPublishers.ofString(
                          body.isTextual() ? body.asText() : body.toString()));
      if (body.isContainerNode()) {
        request.setHeader("Content-Type", "application/json");
      }
      input
          .path("headers")
          .properties()
          .forEach(header -> request.setHeader(header.getKey(), header.getValue().asText()));
      return request.build();
    } catch (IllegalArgumentException e) {
      throw StepFailed.forGood("the request cannot be made: " + e.getMessage());
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw unreachable(request.uri(), e);
    }
  }

  private String body(HttpResponse<InputStream> response, URI uri) throws InterruptedException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(bodyBytesMax + 1);
      if (bytes.length > bodyBytesMax) {
        throw StepFailed.forGood("%s answered more than %d bytes".formatted(uri, bodyBytesMax));
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw unreachable(uri, e);
    }
  }

  private static StepFailed unreachable(URI uri, IOException e) {
    return StepFailed.retryable("%s does not answer: %s".formatted(uri, e));
  }

  private static URI redirected(String method, URI from, HttpResponse<?> response) {
    URI to = from.resolve(uriReference(from, response.headers().firstValue("Location").orElse("")));
    boolean sameHost =
        from.getScheme().equals(to.getScheme())
            && from.getHost().equalsIgnoreCase(to.getHost())
            && from.getPort() == to.getPort();
    if (!sameHost || !FOLLOWING.contains(method)) {
      throw StepFailed.forGood("%s redirects to %s, which is not followed".formatted(from, to));
    }
    return to;
  }

  private static URI uriReference(URI from, String location) {
    try {
      return new URI(location);
    } catch (URISyntaxException e) {
      throw StepFailed.forGood("%s redirects to what is no address: %s".formatted(from, location));
    }
  }

  private static String answer(String method, URI uri, int status, String body) {
    if (status >= 400) {
      String excerpt = body.substring(0, Math.min(EXCERPT_CHARS, body.length()));
      String reason = "%s %s answered %d: %s".formatted(method, uri, status, excerpt);
      throw status >= 500 ? StepFailed.retryable(reason) : StepFailed.forGood(reason);
    }
    return JsonNodeFactory.instance.objectNode().put("status", status).put("body", body).toString();
  }
}

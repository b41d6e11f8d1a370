package io.agentflow.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the server. What fails for the moment (no connection, 502, 503, 504) is tried again
 * with growing pauses; that is safe because every command of ours names what it creates, and the
 * server records a repetition once.
 */
public final class ApiClient {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String LINES = "application/x-ndjson, application/problem+json";
  private static final String EVENTS = "text/event-stream, application/problem+json";
  private static final Set<Integer> FOR_THE_MOMENT = Set.of(502, 503, 504);
  private static final int UNAUTHORIZED = 401;
  private static final int FAULT = 500;
  private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final long FIRST_PAUSE_MILLIS = 100;

  /** The server gives leases a grace of five seconds when it is back. */
  private static final long LONGEST_PAUSE_MILLIS = 3_000;

  private final HttpClient http;
  private final URI server;
  private final Tokens tokens;
  private final Bearer bearer;
  private final int attempts;
  private final Duration requestTimeout;
  private final Runnable onTryAgain;

  /**
   * A client of one server, for one tenant.
   *
   * @param attempts how often a request is sent before its failure is told, at least 1
   */
  public ApiClient(URI server, String tenant, int attempts) {
    this(
        HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build(),
        server,
        new Tokens(System.getenv()),
        Bearer.owner(tenant, "cli"),
        attempts,
        REQUEST_TIMEOUT,
        () -> {});
  }

  private ApiClient(
      HttpClient http,
      URI server,
      Tokens tokens,
      Bearer bearer,
      int attempts,
      Duration requestTimeout,
      Runnable onTryAgain) {
    this.http = http;
    this.server = server;
    this.tokens = tokens;
    this.bearer = bearer;
    this.attempts = attempts;
    this.requestTimeout = requestTimeout;
    this.onTryAgain = onTryAgain;
  }

  /**
   * The same client in another's name.
   *
   * @param roles what the person is; none where that makes no difference
   */
  public ApiClient actingAs(String person, List<String> roles) {
    return actingAs(new Bearer(bearer.tenant(), person, roles, null));
  }

  /** The same client as an agent, which may do what is the agent's and nothing else. */
  public ApiClient actingAsAgent(String agentId) {
    return actingAs(Bearer.agent(bearer.tenant(), agentId));
  }

  private ApiClient actingAs(Bearer other) {
    return new ApiClient(http, server, tokens, other, attempts, requestTimeout, onTryAgain);
  }

  /** The same client for what is worth sending once or not at all. */
  public ApiClient onceWithin(Duration timeout) {
    return new ApiClient(http, server, tokens, bearer, 1, timeout, onTryAgain);
  }

  /**
   * The same client for what has to arrive, however long the server is away or fails. An interrupt
   * ends it.
   *
   * @param timeout of one attempt
   * @param onAttemptFailed told before each pause
   */
  public ApiClient untilAnswered(Duration timeout, Runnable onAttemptFailed) {
    return new ApiClient(http, server, tokens, bearer, Integer.MAX_VALUE, timeout, onAttemptFailed);
  }

  public URI server() {
    return server;
  }

  /**
   * Asks.
   *
   * @throws Refusal when the server answers with a problem
   * @throws ServerUnreachable when no server answers
   */
  public JsonNode get(String path) {
    return send(() -> request(path).GET());
  }

  /** Asks for what has to have passed a position of the log. */
  public JsonNode getConsistentWith(String path, long position) {
    return send(() -> request(path).header("AF-Consistent-With", Long.toString(position)).GET());
  }

  /**
   * Asks for an answer of JSON lines, which may be longer than memory.
   *
   * @return the lines as they come, to be closed
   * @throws Refusal when the server answers with a problem
   * @throws ServerUnreachable when no server answers
   */
  public InputStream lines(String path) {
    return body(() -> request(path).setHeader("Accept", LINES).GET());
  }

  /**
   * Asks for server-sent events.
   *
   * @param lastEventId where to go on; null to begin as the path says
   * @return the events as they come, to be closed
   * @throws Refusal when the server answers with a problem
   * @throws ServerUnreachable when no server answers
   */
  public InputStream events(String path, @Nullable String lastEventId) {
    return body(
        () -> {
          HttpRequest.Builder events = request(path).setHeader("Accept", EVENTS);
          return (lastEventId == null ? events : events.header("Last-Event-ID", lastEventId)).GET();
        });
  }

  private InputStream body(Supplier<HttpRequest.Builder> request) {
    HttpResponse<InputStream> response = sendUntilAnswered(request, BodyHandlers.ofInputStream());
    if (response.statusCode() < 300) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      throw new Refusal(
          response.statusCode(), parse(new String(body.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new ServerUnreachable(server, e);
    }
  }

  /** Commands, with a JSON body. */
  public JsonNode post(String path, JsonNode body) {
    return send(
        () ->
            request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(requestTimeout)
            .header("Accept", "application/json, application/problem+json");
    tokens.of(bearer).ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  private JsonNode send(Supplier<HttpRequest.Builder> request) {
    return answer(sendUntilAnswered(request, BodyHandlers.ofString()));
  }

  /** Each attempt is a request of its own: a token does not outlast a long absence. */
  private <T> HttpResponse<T> sendUntilAnswered(
      Supplier<HttpRequest.Builder> request, BodyHandler<T> bodyHandler) {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<T> response = http.send(request.get().build(), bodyHandler);
        if (response.statusCode() == UNAUTHORIZED) {
          tokens.forget(bearer);
        }
        if (!isForTheMoment(response.statusCode()) || attempt >= attempts) {
          return response;
        }
        pause(attempt, response.headers().firstValueAsLong("Retry-After").orElse(0));
      } catch (IOException e) {
        if (attempt >= attempts) {
          throw new ServerUnreachable(server, e);
        }
        pause(attempt, 0);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ServerUnreachable(server, e);
      }
    }
  }

  /** What has to arrive outlasts a fault of the server, too. */
  private boolean isForTheMoment(int status) {
    return FOR_THE_MOMENT.contains(status) || (status == FAULT && attempts == Integer.MAX_VALUE);
  }

  private static JsonNode answer(HttpResponse<String> response) {
    JsonNode body = parse(response.body());
    if (response.statusCode() >= 300) {
      throw new Refusal(response.statusCode(), body);
    }
    return body;
  }

  private static JsonNode parse(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.objectNode().put("detail", "the answer is no JSON: " + body);
    }
  }

  private void pause(int attempt, long retryAfterSeconds) {
    onTryAgain.run();
    long growing = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempt, 10));
    long jittered = (long) (growing * ThreadLocalRandom.current().nextDouble(0.75, 1.25));
    try {
      TimeUnit.MILLISECONDS.sleep(Math.max(jittered, retryAfterSeconds * 1_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerUnreachable(server, e);
    }
  }
}

package io.agentflow.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Sends a request until it is answered, as {@link Retries} have it. Whatever comes here is safe to
 * repeat: it reads, or has a key, or {@link Command#repeatable} was said of it.
 *
 * @param answerWithin how long one attempt waits for its answer, or for where a stream begins
 * @param onRetry told before each pause
 */
record Wire(
    HttpClient http,
    URI server,
    TokenSource tokens,
    Retries retries,
    Duration answerWithin,
    Runnable onRetry) {

  static final JsonMapper JSON = new JsonMapper();

  private static final int UNAUTHORIZED = 401;
  private static final int CONFLICT = 409;
  private static final int FAULT = 500;
  private static final Set<Integer> FOR_THE_MOMENT = Set.of(429, 502, 503, 504);

  /** Nothing was appended, or what was is answered to who asks again. */
  private static final Set<String> CONFLICTS_FOR_THE_MOMENT =
      Set.of("/problems/key-in-use", "/problems/concurrent-change");

  private static final Pattern TOKEN = Pattern.compile("[!-~]+");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
  private static final int SHOWN_CHARS_MAX = 200;

  /** What one attempt came to. */
  private sealed interface Answer<T> {
    record Given<T>(T body, HttpHeaders headers) implements Answer<T> {}

    record Refused<T>(int status, String text, HttpHeaders headers) implements Answer<T> {}
  }

  /** What was answered in the end. */
  record Received<T>(T body, HttpHeaders headers) {}

  /** Whoever waited for the answer does not want it any more. */
  static final class GivenUp extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** The same with other bounds; an attempt waits no longer than it did. */
  Wire as(Retries other, Duration answerWithinMax) {
    return new Wire(http, server, tokens, other, shorter(answerWithin, answerWithinMax), onRetry);
  }

  /**
   * Sends.
   *
   * @throws Refusal when the server answers with a problem that does not pass
   * @throws ServerUnreachable when no server answers, or the thread is interrupted
   */
  <T> Received<T> send(Call call, BodyHandler<T> bodies) {
    return send(call, bodies, new CompletableFuture<>());
  }

  /**
   * The same, until somebody else completes {@code givenUp}.
   *
   * @throws GivenUp then
   */
  <T> Received<T> send(Call call, BodyHandler<T> bodies, CompletableFuture<Void> givenUp) {
    long begunNanos = System.nanoTime();
    boolean renewed = false;
    for (int attempt = 1; ; attempt++) {
      try {
        Optional<String> token = tokens.token();
        Answer<T> answer =
            attempt(request(call, token), bodies, givenUp, shorter(answerWithin, left(begunNanos)));
        if (answer instanceof Answer.Given<T>(T body, HttpHeaders headers)) {
          return new Received<>(body, headers);
        }
        Answer.Refused<T> refused = (Answer.Refused<T>) answer;
        JsonNode problem = problem(refused.text());
        if (refused.status() == UNAUTHORIZED && !renewed && isRenewed(token)) {
          renewed = true;
        } else if (!isForTheMoment(refused.status(), problem)
            || !pause(attempt, begunNanos, retryAfterSeconds(refused.headers()), givenUp)) {
          throw new Refusal(refused.status(), problem);
        }
      } catch (IOException e) {
        if (!pause(attempt, begunNanos, 0, givenUp)) {
          throw new ServerUnreachable(server, e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ServerUnreachable(server, e);
      }
    }
  }

  private Duration left(long begunNanos) {
    return retries.timeMax().minusNanos(System.nanoTime() - begunNanos);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private <T> Answer<T> attempt(
      HttpRequest request, BodyHandler<T> bodies, CompletableFuture<Void> givenUp, Duration within)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<Answer<T>>> answer =
        http.sendAsync(request, info -> subscriber(bodies, info));
    try {
      CompletableFuture.anyOf(answer, givenUp).get(within.toNanos(), TimeUnit.NANOSECONDS);
      if (!answer.isDone()) {
        throw new GivenUp();
      }
      return answer.get().body();
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no answer within " + within.toMillis() + " ms");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (CancellationException e) {
      throw new IOException(e);
    } finally {
      answer.cancel(true); // which does nothing to one that is there
    }
  }

  private static <T> HttpResponse.BodySubscriber<Answer<T>> subscriber(
      BodyHandler<T> bodies, HttpResponse.ResponseInfo info) {
    return info.statusCode() / 100 == 2
        ? BodySubscribers.mapping(
            bodies.apply(info), body -> new Answer.Given<>(body, info.headers()))
        : BodySubscribers.mapping(
            BodySubscribers.ofString(StandardCharsets.UTF_8),
            text -> new Answer.Refused<>(info.statusCode(), text, info.headers()));
  }

  /** Each attempt is a request of its own: a token does not outlast a long absence. */
  private HttpRequest request(Call call, Optional<String> token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(call.path()));
    call.headers().forEach(request::header);
    if (token.isPresent()) {
      if (!TOKEN.matcher(token.get()).matches()) {
        // The JDK's own words would have the token in them.
        throw new IllegalStateException("the token has characters that no token has");
      }
      request.header("Authorization", "Bearer " + token.get());
    }
    byte[] body = call.body();
    return (body == null ? request.GET() : request.POST(BodyPublishers.ofByteArray(body))).build();
  }

  private URI uri(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a path begins with /, not " + path);
    }
    String base = server.toString();
    return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
  }

  private boolean isRenewed(Optional<String> distrusted) {
    tokens.distrusted();
    return !tokens.token().equals(distrusted);
  }

  private boolean isForTheMoment(int status, JsonNode problem) {
    return FOR_THE_MOMENT.contains(status)
        || (status == CONFLICT && CONFLICTS_FOR_THE_MOMENT.contains(problem.path("type").asText()))
        || (status == FAULT && retries.alsoFaults());
  }

  private static long retryAfterSeconds(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .filter(value -> SECONDS.matcher(value).matches())
        .map(Long::parseLong)
        .orElse(0L);
  }

  /** Waits before the next attempt; false, at once, where there is to be none. */
  private boolean pause(
      int attempt, long begunNanos, long retryAfterSeconds, CompletableFuture<Void> givenUp) {
    Duration pause =
        retries.pause(attempt, retryAfterSeconds, ThreadLocalRandom.current().nextDouble());
    if (attempt >= retries.attemptsMax() || pause.compareTo(left(begunNanos)) >= 0) {
      return false;
    }
    onRetry.run();
    rest(pause, givenUp);
    return true;
  }

  /**
   * Waits.
   *
   * @throws GivenUp when that comes first
   */
  void rest(Duration pause, CompletableFuture<Void> givenUp) {
    try {
      givenUp.get(pause.toNanos(), TimeUnit.NANOSECONDS);
      throw new GivenUp();
    } catch (TimeoutException e) {
      // It was a pause, and it is over.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerUnreachable(server, e);
    }
  }

  private static JsonNode problem(String text) {
    try {
      JsonNode problem = JSON.readTree(text);
      if (problem.isObject()) {
        return problem;
      }
    } catch (JsonProcessingException e) {
      // Somebody in between has answered.
    }
    return JsonNodeFactory.instance
        .objectNode()
        .put(
            "detail",
            "the answer is no problem document: "
                + text.substring(0, Math.min(SHOWN_CHARS_MAX, text.length())));
  }
}

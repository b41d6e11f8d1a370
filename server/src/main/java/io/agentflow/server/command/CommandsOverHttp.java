package io.agentflow.server.command;

import io.agentflow.application.intake.ProblemType;
import io.agentflow.bridge.command.BusAnswer;
import io.agentflow.bridge.command.BusCommand;
import io.agentflow.bridge.command.CommandTarget;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends commands of the bus to this server's own API, so that who may do what, what is done once,
 * what is refused and how it is told are decided in one place. The tenant of the subject goes
 * along, and a token of another is refused.
 */
public final class CommandsOverHttp implements CommandTarget, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CommandsOverHttp.class);

  /** Before the name of what stands in the path, or behind it. */
  static final String PARAMETER_PREFIX = "AF-Param-";

  /** A lease may be waited for as long as over HTTP. */
  private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(2);

  private static final int RETRY_AFTER_SECONDS = 1;

  private static final List<String> SENT_ON =
      List.of(
          "Authorization",
          "Idempotency-Key",
          "If-Match",
          "X-Correlation-ID",
          "traceparent",
          "AF-Consistent-With");

  private static final List<String> SENT_BACK =
      List.of(
          "Content-Type",
          "ETag",
          "Location",
          "Retry-After",
          "WWW-Authenticate",
          "Idempotency-Replayed",
          "AF-Position",
          "X-Correlation-ID");

  private final Map<String, ContractOperation> operations = ContractOperation.all();
  private final URI server;
  private final int inFlightMax;
  private final Semaphore places;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Commands to this server.
   *
   * @param server where it is reached from this machine
   * @param inFlightMax so many are under way at once; more are refused, to be sent again
   */
  public CommandsOverHttp(URI server, int inFlightMax) {
    this.server = server;
    this.inFlightMax = inFlightMax;
    this.places = new Semaphore(inFlightMax);
  }

  @Override
  public BusAnswer send(BusCommand command) {
    ContractOperation operation = operations.get(command.operation());
    if (operation == null) {
      return problem(
          ProblemType.NOT_FOUND,
          "there is no command %s; openapi.json names them as operationId, as createWorkflow"
              .formatted(command.operation()));
    }
    Map<String, String> parameters = parameters(command);
    for (String name : operation.inPath()) {
      if (parameters.getOrDefault(name, "").isBlank()) {
        return problem(
            ProblemType.BAD_REQUEST,
            "%s needs the header %s%s".formatted(operation.id(), PARAMETER_PREFIX, name));
      }
    }
    HttpRequest request;
    try {
      request = request(command, operation, parameters);
    } catch (IllegalArgumentException e) {
      return problem(ProblemType.BAD_REQUEST, "a header is not of the form that HTTP takes");
    }
    if (!places.tryAcquire()) {
      return problem(
          ProblemType.UNAVAILABLE,
          "%d commands of the bus are under way here, as many as may be; send it again"
              .formatted(inFlightMax));
    }
    try {
      return answer(http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      LOG.warn("the command {} was not answered: {}", operation.id(), e.getMessage());
      return unknown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unknown();
    } finally {
      places.release();
    }
  }

  private static BusAnswer unknown() {
    return problem(
        ProblemType.UNAVAILABLE,
        "it is not known whether the command was taken; send it again, under the same"
            + " Idempotency-Key");
  }

  private static Map<String, String> parameters(BusCommand command) {
    Map<String, String> parameters = new HashMap<>();
    command
        .headers()
        .forEach(
            (name, value) -> {
              if (name.regionMatches(true, 0, PARAMETER_PREFIX, 0, PARAMETER_PREFIX.length())) {
                parameters.put(name.substring(PARAMETER_PREFIX.length()), value);
              }
            });
    return parameters;
  }

  private HttpRequest request(
      BusCommand command, ContractOperation operation, Map<String, String> parameters) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(operation.filledIn(parameters)))
            .timeout(ANSWERED_WITHIN)
            .header("Content-Type", "application/json")
            .header("AF-Tenant", command.tenantId())
            .method(
                operation.method(), HttpRequest.BodyPublishers.ofByteArray(command.body().array()));
    for (String name : SENT_ON) {
      String value = command.headers().get(name);
      if (value != null) {
        request.header(name, value);
      }
    }
    return request.build();
  }

  private static BusAnswer answer(HttpResponse<byte[]> response) {
    Map<String, String> headers = new HashMap<>();
    SENT_BACK.forEach(
        name -> response.headers().firstValue(name).ifPresent(value -> headers.put(name, value)));
    return new BusAnswer(response.statusCode(), headers, ByteBuffer.wrap(response.body()));
  }

  private static BusAnswer problem(ProblemType type, String detail) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/problem+json");
    if (type == ProblemType.UNAVAILABLE) {
      headers.put("Retry-After", Integer.toString(RETRY_AFTER_SECONDS));
    }
    return new BusAnswer(
        type.status().value(),
        headers,
        ByteBuffer.wrap(
            JsonMapper.shared()
                .writeValueAsBytes(
                    Map.of(
                        "type", type.uri(),
                        "title", type.title(),
                        "status", type.status().value(),
                        "detail", detail))));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

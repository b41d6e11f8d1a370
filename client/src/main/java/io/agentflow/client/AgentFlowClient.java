package io.agentflow.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to one server, for whoever its tokens say. Commands are carried out once however often
 * they had to be sent; what is read is not older than what this client wrote. For any number of
 * threads; it needs no closing.
 *
 * <p>All methods throw {@link Refusal} when the server answers with a problem, and {@link
 * ServerUnreachable} when it does not answer as long as {@link Retries} have it.
 */
public final class AgentFlowClient {

  private static final String LINES = "application/x-ndjson, application/problem+json";
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

  private final Wire wire;
  private final boolean readsOwnWrites;
  private final Duration silenceMax;
  private final AtomicLong lastWritten;

  private AgentFlowClient(
      Wire wire, boolean readsOwnWrites, Duration silenceMax, AtomicLong lastWritten) {
    this.wire = wire;
    this.readsOwnWrites = readsOwnWrites;
    this.silenceMax = silenceMax;
    this.lastWritten = lastWritten;
  }

  /**
   * Describes a client.
   *
   * @param server for example {@code https://agentflow.example.com}
   * @throws IllegalArgumentException when that is no HTTP address, or has a name and password
   */
  public static Builder of(URI server) {
    return new Builder(server);
  }

  /** Describes another client of the same server, which knows what this one wrote. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  public URI server() {
    return wire.server();
  }

  /** The highest position that was written by this client or one that it was made of; 0 if none. */
  public long position() {
    return lastWritten.get();
  }

  /** Sends a command that creates or changes something. */
  public Accepted send(Command command) {
    Wire.Received<JsonNode> received = command(command);
    return Accepted.of(
        received.body(),
        received.headers().firstValue("Idempotency-Replayed").filter("true"::equals).isPresent());
  }

  /** Sends a command, under a key of its own, whatever it answers. */
  public JsonNode post(String path, JsonNode body) {
    return post(Command.to(path, body));
  }

  /** Sends a command, whatever it answers. */
  public JsonNode post(Command command) {
    return command(command).body();
  }

  private Wire.Received<JsonNode> command(Command command) {
    Wire.Received<JsonNode> received = wire.send(command.call(), json());
    position(received.headers())
        .ifPresent(position -> lastWritten.accumulateAndGet(position, Math::max));
    return received;
  }

  private static Optional<Long> position(HttpHeaders headers) {
    return headers
        .firstValue("AF-Position")
        .filter(value -> !value.isEmpty() && value.chars().allMatch(Character::isDigit))
        .map(Long::parseLong);
  }

  /** Asks. */
  public JsonNode get(String path) {
    return wire.send(read(path), json()).body();
  }

  /**
   * All items of a list, asked for page by page as they are wanted.
   *
   * @param path of the list, for example what {@link ListPath} makes
   */
  public Iterable<JsonNode> items(String path) {
    return () -> new Items(this, path);
  }

  /**
   * Asks for an answer of JSON lines, which may be longer than memory.
   *
   * @return the lines as they come, to be closed; what breaks off in its midst is not asked for
   *     again
   */
  public InputStream lines(String path) {
    return wire.send(read(path).with("Accept", LINES), BodyHandlers.ofInputStream()).body();
  }

  /**
   * Follows events.
   *
   * @return begun: without a position, what is appended from now on is told
   */
  public EventStream events(EventQuery query) {
    return new EventStream(wire, query, silenceMax);
  }

  private Call read(String path) {
    long written = lastWritten.get();
    return readsOwnWrites && written > 0
        ? Call.get(path).with("AF-Consistent-With", Long.toString(written))
        : Call.get(path);
  }

  private static BodyHandler<JsonNode> json() {
    return _ ->
        BodySubscribers.mapping(
            BodySubscribers.ofString(StandardCharsets.UTF_8), AgentFlowClient::parse);
  }

  private static JsonNode parse(String body) {
    try {
      return Wire.JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("the answer is no JSON", e);
    }
  }

  @Override
  public String toString() {
    return "client of " + wire.server();
  }

  /** What a client is to be like. What is not said stays as it is, or is the default. */
  public static final class Builder {

    private final URI server;
    private final HttpClient http;
    private final AtomicLong lastWritten;
    private TokenSource tokens = Optional::empty;
    private Retries retries = Retries.DEFAULT;
    private Duration answerWithin = Duration.ofSeconds(30);
    private Duration silenceMax = Duration.ofSeconds(45);
    private boolean readsOwnWrites = true;
    private Runnable onRetry = () -> {};

    private Builder(URI server) {
      @Nullable String scheme = server.getScheme();
      if (server.getHost() == null
          || server.getUserInfo() != null
          || server.getQuery() != null
          || !(Objects.equals(scheme, "http") || Objects.equals(scheme, "https"))) {
        throw new IllegalArgumentException("a server's address is http(s)://HOST[:PORT][/PATH]");
      }
      this.server = server;
      this.http = HttpClient.newBuilder().connectTimeout(CONNECT_WITHIN).build();
      this.lastWritten = new AtomicLong();
    }

    private Builder(AgentFlowClient same) {
      this.server = same.wire.server();
      this.http = same.wire.http();
      this.lastWritten = same.lastWritten;
      this.tokens = same.wire.tokens();
      this.retries = same.wire.retries();
      this.answerWithin = same.wire.answerWithin();
      this.silenceMax = same.silenceMax;
      this.readsOwnWrites = same.readsOwnWrites;
      this.onRetry = same.wire.onRetry();
    }

    /** The token that is sent; servers answer to none. */
    public Builder token(String token) {
      return tokens(() -> Optional.of(token));
    }

    /** Where tokens come from that change. */
    public Builder tokens(TokenSource source) {
      tokens = source;
      return this;
    }

    /** How long to go on with what fails for the moment. */
    public Builder retries(Retries max) {
      retries = max;
      return this;
    }

    /** How long an attempt waits for its answer (30 s); more than a long poll is to last. */
    public Builder answerWithin(Duration max) {
      answerWithin = max;
      return this;
    }

    /**
     * The silence after which an event stream counts as broken (45 s); more than the server's
     * heartbeat, which comes after 15 s unless its operator says otherwise.
     */
    public Builder silenceMax(Duration max) {
      silenceMax = max;
      return this;
    }

    /**
     * Whether reads wait until the server's tables have what this client wrote (yes). Without, they
     * are answered at once.
     */
    public Builder readsOwnWrites(boolean waits) {
      readsOwnWrites = waits;
      return this;
    }

    /** Told before each pause between two attempts, by the thread that waits. */
    public Builder onRetry(Runnable told) {
      onRetry = told;
      return this;
    }

    public AgentFlowClient build() {
      return new AgentFlowClient(
          new Wire(http, server, tokens, retries, answerWithin, onRetry),
          readsOwnWrites,
          silenceMax,
          lastWritten);
    }
  }
}

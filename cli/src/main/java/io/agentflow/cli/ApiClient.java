package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.client.AgentFlowClient;
import io.agentflow.client.Command;
import io.agentflow.client.EventQuery;
import io.agentflow.client.EventStream;
import io.agentflow.client.Retries;
import io.agentflow.client.TokenSource;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@link AgentFlowClient} as {@code af} has it: in the name of somebody of this machine. */
public final class ApiClient {

  /** A verification or an export may wait for its turn. */
  private static final Duration ANSWER_WITHIN = Duration.ofMinutes(5);

  private static final Duration ALL_ATTEMPTS_WITHIN = Duration.ofMinutes(20);

  private final AgentFlowClient client;
  private final Tokens tokens;
  private final Bearer bearer;

  /**
   * A client of one server, for one tenant.
   *
   * @param attempts how often a request is sent before its failure is told, at least 1
   */
  public ApiClient(URI server, String tenant, int attempts) {
    this(
        AgentFlowClient.of(server)
            .retries(Retries.DEFAULT.attempts(attempts).within(ALL_ATTEMPTS_WITHIN))
            .answerWithin(ANSWER_WITHIN),
        new Tokens(System.getenv()),
        Bearer.owner(tenant, "cli"));
  }

  private ApiClient(AgentFlowClient.Builder client, Tokens tokens, Bearer bearer) {
    this.tokens = tokens;
    this.bearer = bearer;
    this.client = client.tokens(new TokensOf(tokens, bearer)).build();
  }

  private record TokensOf(Tokens tokens, Bearer bearer) implements TokenSource {
    @Override
    public Optional<String> token() {
      return tokens.of(bearer);
    }

    @Override
    public void distrusted() {
      tokens.forget(bearer);
    }
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
    return new ApiClient(client.toBuilder(), tokens, other);
  }

  private ApiClient with(AgentFlowClient.Builder other) {
    return new ApiClient(other, tokens, bearer);
  }

  /** The same client for what is worth sending once or not at all. */
  public ApiClient onceWithin(Duration timeout) {
    return with(client.toBuilder().retries(Retries.NONE).answerWithin(timeout));
  }

  /**
   * The same client for what has to arrive, however long the server is away or fails. An interrupt
   * ends it.
   *
   * @param timeout of one attempt
   * @param onAttemptFailed told before each pause
   */
  public ApiClient untilAnswered(Duration timeout, Runnable onAttemptFailed) {
    return with(
        client.toBuilder()
            .retries(Retries.DEFAULT.untilAnswered())
            .answerWithin(timeout)
            .onRetry(onAttemptFailed));
  }

  /** The same client for reads that need not wait for what was written. */
  public ApiClient readingAtOnce() {
    return with(client.toBuilder().readsOwnWrites(false));
  }

  public URI server() {
    return client.server();
  }

  /** Asks; the answer is not older than what was commanded by this client. */
  public JsonNode get(String path) {
    return client.get(path);
  }

  /** All items of a list, whatever its pages. */
  public Iterable<JsonNode> items(String path) {
    return client.items(path);
  }

  /** Asks for JSON lines; to be closed. */
  public InputStream lines(String path) {
    return client.lines(path);
  }

  /** Follows events; to be closed. */
  public EventStream events(EventQuery query) {
    return client.events(query);
  }

  /** Commands, with a JSON body, under a key of its own. */
  public JsonNode post(String path, JsonNode body) {
    return client.post(path, body);
  }

  /**
   * Commands without a key what is safe to repeat by what it says: an id that comes out of its
   * content, the token of a lease.
   */
  public JsonNode postRepeatable(String path, JsonNode body) {
    return client.post(Command.to(path, body).repeatable());
  }
}

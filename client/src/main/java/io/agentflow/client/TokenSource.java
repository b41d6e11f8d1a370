package io.agentflow.client;

import java.util.Optional;

/**
 * Where a client has its token from. It is asked before each attempt, by any thread, so that a
 * token may be renewed while a request is repeated.
 */
@FunctionalInterface
public interface TokenSource {

  /** A JSON Web Token without the word Bearer; none where there is none, which servers refuse. */
  Optional<String> token();

  /**
   * The server answered 401 to a request with the last token. Where {@link #token} has another one
   * then, the request is sent once more.
   */
  default void distrusted() {}
}

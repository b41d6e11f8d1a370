package io.agentflow.eventstore;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was answered to a request.
 *
 * @param payloadDigest of the request's body
 * @param status of the answer, as HTTP numbers it
 * @param entry that the answer names; null where the request appended nothing
 * @param recorded the answer as it was sent; null where the entry says it all
 */
public record Receipt(
    Hash payloadDigest, int status, @Nullable Appended entry, @Nullable Recorded recorded) {

  /** An answer's headers and body. */
  public record Recorded(Map<String, String> headers, String body) {}
}

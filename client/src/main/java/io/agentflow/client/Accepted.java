package io.agentflow.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a command answers once it is appended, or was already so.
 *
 * @param id the aggregate that it created or changed
 * @param version the aggregate's last sequence number, from 0; see {@link Command#ifMatch}
 * @param position where that event stands in the log
 * @param hash that event's link in the tenant's chain, as hex
 * @param replayed whether the command had been carried out before, under the same key
 */
public record Accepted(String id, long version, long position, String hash, boolean replayed) {

  static Accepted of(JsonNode answer, boolean replayed) {
    if (!answer.path("id").isTextual() || !answer.path("position").isIntegralNumber()) {
      throw new IllegalArgumentException(
          "the answer names no entry of the log; ask for it by post");
    }
    return new Accepted(
        answer.path("id").asText(),
        answer.path("version").asLong(),
        answer.path("position").asLong(),
        answer.path("hash").asText(),
        replayed);
  }
}

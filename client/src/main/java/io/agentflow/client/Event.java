package io.agentflow.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;

/**
 * An entry of the log, as a stream tells it.
 *
 * @param position where it stands in the log; what follows it is what an {@link EventQuery} after
 *     it asks for
 * @param type its spoken name, for example {@code workflow.completed}
 * @param json the entry as it was told
 */
public record Event(long position, String type, String json) {

  /** The entry, read anew at each call. */
  public JsonNode entry() {
    try {
      return Wire.JSON.readTree(json);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new UncheckedIOException("the entry at position " + position + " is no JSON", e);
    }
  }
}

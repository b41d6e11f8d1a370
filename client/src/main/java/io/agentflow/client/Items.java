package io.agentflow.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A list's items; a page is asked for when the one before is read. */
final class Items implements Iterator<JsonNode> {

  private final AgentFlowClient client;
  private final String path;
  private Iterator<JsonNode> page = Collections.emptyIterator();
  private @Nullable String cursor;
  private boolean isLast;

  Items(AgentFlowClient client, String path) {
    this.client = client;
    this.path = path;
  }

  @Override
  public boolean hasNext() {
    while (!page.hasNext() && !isLast) {
      JsonNode answer = client.get(new ListPath(path).with("cursor", cursor).toString());
      page = answer.path("items").elements();
      cursor = answer.path("nextCursor").asText(null);
      isLast = !answer.path("nextCursor").isTextual();
    }
    return page.hasNext();
  }

  @Override
  public JsonNode next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next();
  }
}

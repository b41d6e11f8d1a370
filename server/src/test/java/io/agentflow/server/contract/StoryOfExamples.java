package io.agentflow.server.contract;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The examples as requests, one after the other. What the server made up (a token, a digest) stands
 * in the examples as it was made up when they were written; where an answer has another value in
 * its place, that one is sent from then on.
 */
public final class StoryOfExamples {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** A day to come, as examples have it. */
  private static final String SOME_DAY = "2027-02-01T00:00:00Z";

  private final JsonNode document = JSON.readTree(ContractTest.CHECKED_IN);
  private final JsonNode story = Examples.story();
  private final Iterator<JsonNode> examples = story.iterator();
  private final Map<String, String> madeUp = new HashMap<>(Map.of(SOME_DAY, inAMonth()));
  private @Nullable JsonNode current;

  /**
   * A request that an example tells of, and the status of its answer.
   *
   * @param by who asks; null for the owner of the machine
   */
  public record Told(
      String operation,
      String verb,
      String pathAndQuery,
      @Nullable String by,
      @Nullable String body,
      int status) {}

  private static String inAMonth() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(30)).toString();
  }

  public boolean goesOn() {
    return examples.hasNext();
  }

  /** The next request. */
  public Told next() {
    JsonNode example = examples.next();
    current = example;
    String id = example.path("operation").asString();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (operation.getValue().path("operationId").asString().equals(id)) {
          return new Told(
              id,
              operation.getKey(),
              address(path.getKey(), example.path("parameters")),
              example.has("by") ? example.path("by").asString() : null,
              example.has("body") ? now(example.path("body").toString()) : null,
              example.path("status").asInt());
        }
      }
    }
    throw new IllegalStateException("an example of no operation: " + id);
  }

  private String address(String path, JsonNode parameters) {
    StringBuilder address = new StringBuilder(path);
    parameters
        .propertyStream()
        .forEach(
            parameter -> {
              String place = "{" + parameter.getKey() + "}";
              String value =
                  URLEncoder.encode(now(parameter.getValue().asString()), StandardCharsets.UTF_8);
              int at = address.indexOf(place);
              if (at >= 0) {
                address.replace(at, at + place.length(), value);
              } else {
                address
                    .append(address.indexOf("?") < 0 ? '?' : '&')
                    .append(parameter.getKey())
                    .append('=')
                    .append(value);
              }
            });
    return address.toString();
  }

  private String now(String text) {
    String now = text;
    for (Map.Entry<String, String> value : madeUp.entrySet()) {
      now = now.replace(value.getKey(), value.getValue());
    }
    return now;
  }

  /** Takes from an answer what was made up in it. */
  public void heard(String answer) {
    JsonNode told = current == null ? null : current.path("answer");
    if (told == null || answer.isEmpty() || !answer.startsWith("{")) {
      return;
    }
    if (answer.indexOf('\n') < 0) {
      compare(told, JSON.readTree(answer));
    }
    if (current instanceof ObjectNode example
        && !example.path("operation").asString().matches("exportLog|exportHistory|getContract")
        && !sameShape(told, JSON.readTree(answer))) {
      example.set("answer", JSON.readTree(answer));
    }
  }

  private static boolean sameShape(JsonNode told, JsonNode heard) {
    if (!Set.copyOf(told.propertyNames()).equals(Set.copyOf(heard.propertyNames()))) {
      return false;
    }
    return told.propertyNames().stream()
            .allMatch(name -> sameShape(told.path(name), heard.path(name)))
        && (told.isEmpty() || !told.isArray() || sameShape(told.path(0), heard.path(0)));
  }

  /** Ids, tokens, hashes and times have digits; words that differ say how far something is. */
  private void compare(JsonNode told, JsonNode heard) {
    if (told.isString() && heard.isString()) {
      if (!told.equals(heard) && told.asString().chars().anyMatch(Character::isDigit)) {
        madeUp.put(told.asString(), heard.asString());
      }
    } else {
      told.propertyStream()
          .forEach(member -> compare(member.getValue(), heard.path(member.getKey())));
      for (int i = 0; told.isArray() && i < told.size(); i++) {
        compare(told.path(i), heard.path(i));
      }
    }
  }

  /**
   * Writes down, where the contract is renewed, the answers that have other fields than were told;
   * the others stay as they are.
   */
  public void keepAnswers() {
    if (Boolean.getBoolean("contract.renew")) {
      Examples.keep(story);
    }
  }
}

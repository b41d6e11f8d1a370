package io.agentflow.server.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.springframework.http.MediaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests and their answers, all of them one story: in their order they can be run against an
 * empty server, and that is what a test does. The document has the first of each operation.
 */
final class Examples {

  private static final Path FILE = Path.of("src", "test", "resources", "contract", "examples.json");

  private Examples() {}

  static JsonNode story() {
    return JsonMapper.shared().readTree(FILE);
  }

  static void keep(JsonNode story) {
    try {
      Files.writeString(
          FILE,
          JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(story) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void addTo(ObjectNode document) {
    Map<String, ObjectNode> operations = new HashMap<>();
    document
        .path("paths")
        .forEach(
            item ->
                item.forEach(
                    operation ->
                        operations.put(
                            operation.path("operationId").asString(), (ObjectNode) operation)));
    for (JsonNode example : story()) {
      String id = example.path("operation").asString();
      ObjectNode operation = operations.remove(id);
      if (operation != null) {
        addTo(operation, example);
      }
    }
  }

  private static void addTo(ObjectNode operation, JsonNode example) {
    example
        .path("parameters")
        .propertyStream()
        .forEach(value -> parameter(operation, value.getKey()).set("example", value.getValue()));
    if (example.has("body")) {
      ((ObjectNode)
              operation.path("requestBody").path("content").path(MediaType.APPLICATION_JSON_VALUE))
          .set("example", example.path("body"));
    }
    // Refusals are described once for all operations.
    if (example.has("answer") && example.path("status").asInt() < 400) {
      ((ObjectNode)
              operation
                  .path("responses")
                  .path(example.path("status").asString())
                  .path("content")
                  .path(MediaType.APPLICATION_JSON_VALUE))
          .set("example", example.path("answer"));
    }
  }

  private static ObjectNode parameter(ObjectNode operation, String name) {
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("name").asString("").equals(name)) {
        return (ObjectNode) parameter;
      }
    }
    throw new IllegalStateException(
        operation.path("operationId").asString() + " has no parameter " + name);
  }
}

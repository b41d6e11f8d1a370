package io.agentflow.server.contract;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contract as a judge: is an answer what it says? */
public final class Contract {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Under which its schemas refer to each other. */
  private static final String ADDRESS = "https://agentflow.example/openapi.json";

  private final JsonNode document;
  private final List<Route> routes = new ArrayList<>();
  private final SchemaRegistry schemas;
  private final Map<JsonNode, Schema> validators = new ConcurrentHashMap<>();

  private record Route(String verb, Pattern path, int parameters, JsonNode operation) {}

  public Contract(JsonNode document) {
    this.document = document;
    this.schemas =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemas(Map.of(ADDRESS, document.toString())));
    document
        .path("paths")
        .propertyStream()
        .forEach(
            path ->
                path.getValue()
                    .propertyStream()
                    .forEach(
                        verb -> routes.add(route(verb.getKey(), path.getKey(), verb.getValue()))));
  }

  private static Route route(String verb, String path, JsonNode operation) {
    String form = path.replaceAll("\\{[^}]*}", "[^/]+");
    int parameters = path.length() - path.replace("{", "").length();
    return new Route(verb, Pattern.compile(form), parameters, operation);
  }

  /** What is checked in, byte by byte. */
  public static String text() {
    try {
      return Files.readString(ContractTest.CHECKED_IN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As it is checked in. */
  public static Contract checkedIn() {
    return new Contract(JSON.readTree(ContractTest.CHECKED_IN));
  }

  /** What is wrong with an answer to a request. */
  public List<String> faults(HttpResponse<String> answer) {
    return faults(
        answer.request().method(),
        answer.request().uri().getPath(),
        answer.statusCode(),
        answer.headers().firstValue("Content-Type").orElse(""),
        answer.body());
  }

  /**
   * What is wrong with an answer: nothing where it is as documented, or where nothing is documented
   * under the path.
   *
   * @param path without a query
   * @param contentType empty where the answer has none
   */
  public List<String> faults(
      String verb, String path, int status, String contentType, String body) {
    return routes.stream()
        .filter(
            route -> route.verb().equalsIgnoreCase(verb) && route.path().matcher(path).matches())
        .min(Comparator.comparingInt(Route::parameters))
        .map(route -> faults(route.operation(), status, contentType, body))
        .orElse(List.of());
  }

  private List<String> faults(JsonNode operation, int status, String contentType, String body) {
    String id = operation.path("operationId").asString();
    JsonNode response = resolved(operation.path("responses").path(String.valueOf(status)));
    if (response.isMissingNode()) {
      return List.of("%s does not answer %d: %s".formatted(id, status, body));
    }
    String type = contentType.replaceAll(";.*", "");
    JsonNode content = response.path("content");
    if (!content.has(type)) {
      return content.isMissingNode() && body.isEmpty()
          ? List.of()
          : List.of("%s does not answer %s with %d".formatted(id, type, status));
    }
    if (!type.matches(".*[/+]json")) {
      return List.of();
    }
    try {
      return faults(content.path(type).path("schema"), JSON.readTree(body)).stream()
          .map(fault -> "%s, %d: %s in %s".formatted(id, status, fault, body))
          .toList();
    } catch (JacksonException e) {
      return List.of(id + " answers no JSON: " + body);
    }
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
  }

  /** What is wrong with a value of this schema, which may refer to others of the document. */
  List<String> faults(JsonNode schema, JsonNode value) {
    return validators.computeIfAbsent(schema, this::validator).validate(value).stream()
        .map(Object::toString)
        .toList();
  }

  private Schema validator(JsonNode schema) {
    return schemas.getSchema(
        JSON.readTree(
            schema.toString().replace("\"#/components/", "\"" + ADDRESS + "#/components/")));
  }
}

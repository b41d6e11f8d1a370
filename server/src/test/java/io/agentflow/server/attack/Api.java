package io.agentflow.server.attack;

import io.agentflow.server.contract.Contract;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The operations that the contract describes: what is not in it, no suite can forget. */
final class Api {

  private static final JsonNode DOCUMENT = JsonMapper.shared().readTree(Contract.text());
  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");
  private static final Set<String> VERBS = Set.of("get", "put", "post", "delete", "patch", "head");

  private Api() {}

  /**
   * One of them.
   *
   * @param parameters of path, query and headers, as the document has them
   * @param body its schema; missing where none is taken
   * @param example a body that is taken; missing where none is
   */
  record Operation(
      String id,
      String method,
      String path,
      boolean isOpen,
      List<JsonNode> parameters,
      JsonNode body,
      JsonNode example) {

    /** As the table of permissions names it. */
    String inTable() {
      return method + " " + path;
    }

    boolean isCommand() {
      return method.equals("POST");
    }

    List<String> variables() {
      return VARIABLE.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /** The path with a value for each variable. */
    String pathWith(UnaryOperator<String> values) {
      return VARIABLE
          .matcher(path)
          .replaceAll(found -> Matcher.quoteReplacement(values.apply(found.group(1))));
    }

    /** Its parameters in the query, or in the headers. */
    List<JsonNode> parametersIn(String place) {
      return parameters.stream()
          .filter(parameter -> parameter.path("in").asString().equals(place))
          .toList();
    }
  }

  /** All of them, in the document's order. */
  static List<Operation> operations() {
    return DOCUMENT.path("paths").propertyStream().toList().stream()
        .flatMap(
            path ->
                path.getValue()
                    .propertyStream()
                    .filter(verb -> VERBS.contains(verb.getKey()))
                    .map(verb -> operation(verb.getKey(), path.getKey(), verb.getValue())))
        .toList();
  }

  static List<Operation> operations(Predicate<Operation> those) {
    return operations().stream().filter(those).toList();
  }

  private static Operation operation(String verb, String path, JsonNode operation) {
    JsonNode body = operation.path("requestBody").path("content").path("application/json");
    return new Operation(
        operation.path("operationId").asString(),
        verb.toUpperCase(Locale.ROOT),
        path,
        operation.has("security") && operation.path("security").isEmpty(),
        operation.path("parameters").valueStream().map(Api::resolved).toList(),
        body.path("schema"),
        body.path("example"));
  }

  /** What a reference leads to; anything else as it is. */
  static JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? DOCUMENT.at(node.path("$ref").asString().substring(1)) : node;
  }
}

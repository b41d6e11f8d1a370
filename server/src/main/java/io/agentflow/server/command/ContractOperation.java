package io.agentflow.server.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An operation of the contract that changes something.
 *
 * @param id as the contract calls it
 * @param path with the parameters in braces
 * @param query the names of what may stand behind the path
 */
record ContractOperation(String id, String method, String path, List<String> query) {

  private static final Pattern IN_PATH = Pattern.compile("\\{([^}]+)}");

  /** All that are not only read, by their ids. */
  static Map<String, ContractOperation> all() {
    Map<String, ContractOperation> all = new LinkedHashMap<>();
    try (InputStream document = new ClassPathResource("docs/openapi.json").getInputStream()) {
      JsonNode paths = JsonMapper.shared().readTree(document).path("paths");
      paths.forEachEntry(
          (path, methods) ->
              methods.forEachEntry(
                  (method, operation) -> {
                    if (!method.equals("get")) {
                      ContractOperation one = of(path, method, operation);
                      all.put(one.id(), one);
                    }
                  }));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static ContractOperation of(String path, String method, JsonNode operation) {
    return new ContractOperation(
        operation.path("operationId").asString(),
        method.toUpperCase(Locale.ROOT),
        path,
        StreamSupport.stream(operation.path("parameters").spliterator(), false)
            .filter(parameter -> parameter.path("in").asString("").equals("query"))
            .map(parameter -> parameter.path("name").asString())
            .toList());
  }

  /** What the path takes, in its order. */
  List<String> inPath() {
    return IN_PATH.matcher(path).results().map(found -> found.group(1)).toList();
  }

  /** Path and query, filled in; all of {@link #inPath} have to be there. */
  String filledIn(Map<String, String> parameters) {
    String filled =
        IN_PATH
            .matcher(path)
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(encoded(parameters.getOrDefault(found.group(1), ""))));
    StringJoiner behind = new StringJoiner("&", "?", "").setEmptyValue("");
    for (String name : query) {
      if (parameters.containsKey(name)) {
        behind.add(name + "=" + encoded(parameters.getOrDefault(name, "")));
      }
    }
    return filled + behind;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

package io.agentflow.projections;

import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What is kept as {@code jsonb}: labels and lists of names. */
public final class JsonColumn {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};
  private static final TypeReference<List<String>> NAMES = new TypeReference<>() {};

  private JsonColumn() {}

  public static String write(Object value) {
    return JSON.writeValueAsString(value);
  }

  public static Map<String, String> readLabels(String json) {
    return JSON.readValue(json, LABELS);
  }

  public static List<String> readNames(String json) {
    return JSON.readValue(json, NAMES);
  }
}

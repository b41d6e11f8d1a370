package io.agentflow.server.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.agentflow.domain.Checks;
import io.agentflow.domain.budget.BudgetPeriod;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.schedule.Overlap;
import io.agentflow.server.contract.Javadoc.Comment;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ProblemDetail;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Completes what bodies look like: what may be null or left out, ranges, and what each field means,
 * in the words of its record's comment.
 */
final class Schemas {

  static final String REF = "#/components/schemas/";

  private static final Path PLAN = Path.of("..", "docs", "plan.schema.json");
  private static final String UUID =
      "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
  private static final String LOCAL_ID = "^[A-Za-z0-9._:-]{1,128}$";
  private static final Set<String> UUID_FIELDS =
      Set.of("workflowId", "agentId", "budgetId", "scheduleId", "sliceId", "bindingId", "keyId");
  private static final Set<String> LOCAL_ID_FIELDS =
      Set.of("messageId", "callId", "reservationId", "signalId", "approvalId", "leaseToken");

  /** What any part of a state can be: a text, a number, a list, nothing. */
  private static final Set<String> ANY_VALUE = Set.of("before", "after");

  private static final Pattern AMOUNT =
      Pattern.compile("tokens|microDollars|.*Tokens|.*MicroDollars");
  private static final Map<String, List<String>> WORDS =
      Map.of(
          "autonomy", Arrays.stream(AutonomyMode.values()).map(AutonomyMode::word).toList(),
          "overlap", Arrays.stream(Overlap.values()).map(Overlap::word).toList(),
          "period", Arrays.stream(BudgetPeriod.values()).map(BudgetPeriod::word).toList());

  private final ObjectNode document;
  private final ObjectNode schemas;
  private final Map<String, Class<?>> types;
  private final Javadoc javadoc;

  /**
   * What is completed.
   *
   * @param types of which the schemas are, by their names
   */
  Schemas(ObjectNode document, Map<String, Class<?>> types, Javadoc javadoc) {
    this.document = document;
    this.schemas = (ObjectNode) document.path("components").path("schemas");
    this.types = types;
    this.javadoc = javadoc;
  }

  void complete() {
    Set<String> sent = reachable("requestBody");
    types.forEach(
        (name, type) -> {
          if (schemas.get(name) instanceof ObjectNode schema && type.isRecord()) {
            complete(schema, type, sent.contains(name));
          }
        });
    addPlan();
    addProblem();
    Map<String, JsonNode> sorted = new TreeMap<>();
    schemas.propertyStream().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    schemas.removeAll();
    sorted.forEach(schemas::set);
  }

  /** The schemas that bodies under this name lead to, in all operations. */
  private Set<String> reachable(String bodies) {
    Set<String> found = new LinkedHashSet<>();
    document.path("paths").findValues(bodies).forEach(body -> follow(body, found));
    return found;
  }

  private void follow(JsonNode node, Set<String> found) {
    for (JsonNode ref : node.findValues("$ref")) {
      String name = ref.asString().substring(REF.length());
      if (found.add(name)) {
        follow(schemas.path(name), found);
      }
    }
  }

  private void complete(ObjectNode schema, Class<?> type, boolean sent) {
    JsonNode properties = schema.path("properties");
    schema.removeAll();
    Comment comment = javadoc.of(type);
    if (comment != null) {
      schema.put("description", comment.whole());
    }
    schema.put("type", "object");
    ObjectNode completed = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    addFields(type, sent, properties, completed, required);
    if (required.isEmpty()) {
      schema.remove("required");
    }
    if (sent) {
      schema.put("additionalProperties", false);
    }
  }

  private void addFields(
      Class<?> type, boolean sent, JsonNode from, ObjectNode properties, ArrayNode required) {
    Comment comment = javadoc.of(type);
    boolean nullsAreLeftOut = type.isAnnotationPresent(JsonInclude.class);
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
        addFields(component.getType(), sent, from, properties, required);
        continue;
      }
      ObjectNode field = (ObjectNode) from.path(name).deepCopy();
      boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      boolean raw = component.getAccessor().isAnnotationPresent(JsonRawValue.class);
      if (raw || field.path("$ref").asString("").endsWith("/JsonNode")) {
        field.removeAll();
        if (name.equals("plan")) {
          field.put("$ref", REF + "Plan");
        } else if (!ANY_VALUE.contains(name)) {
          field.put("type", "object");
        }
      }
      if (component.getType() == ProblemDetail.class) {
        field.put("$ref", REF + "Problem");
      }
      if (sent) {
        constrain(field, name, component.getType());
      }
      if (nullable && !(nullsAreLeftOut && !sent) && !field.isEmpty()) {
        mayBeNull(field);
      }
      describe(field, name, comment);
      properties.set(name, field);
      boolean leftOut =
          sent ? nullable || component.getType().isPrimitive() : nullable && nullsAreLeftOut;
      if (!leftOut) {
        required.add(name);
      }
    }
  }

  private static void describe(ObjectNode field, String name, @Nullable Comment comment) {
    String description = comment == null ? null : comment.params().get(name);
    if (description != null) {
      field.put("description", description);
    } else if (name.endsWith("Millis")) {
      field.put("description", "in milliseconds");
    } else if (name.endsWith("icroDollars")) {
      field.put("description", "in millionths of a dollar");
    }
  }

  private static void constrain(ObjectNode field, String name, Class<?> type) {
    constrain(field, name);
    if (type.isPrimitive()) {
      if (type == boolean.class) {
        field.put("default", false);
      } else {
        field.put("default", 0);
      }
    }
  }

  /** What a value of this name has to be, wherever it is sent. */
  static void constrain(ObjectNode field, String name) {
    if (UUID_FIELDS.contains(name)) {
      field.put("pattern", UUID);
    } else if (LOCAL_ID_FIELDS.contains(name)) {
      field.put("pattern", LOCAL_ID);
    } else if (AMOUNT.matcher(name).matches()) {
      field.put("minimum", 0).put("maximum", Checks.EXACT_INTEGER_MAX);
    } else if (name.equals("name")) {
      field.put("minLength", 1).put("maxLength", Checks.NAME_CHARS_MAX);
    } else if (WORDS.containsKey(name)) {
      WORDS.getOrDefault(name, List.of()).forEach(field.putArray("enum")::add);
    }
  }

  /** As JSON Schema says it: one type more, or one alternative more. */
  private static void mayBeNull(ObjectNode field) {
    if (field.has("$ref")) {
      JsonNode ref = field.remove("$ref");
      ArrayNode either = field.putArray("anyOf");
      either.addObject().set("$ref", ref);
      either.addObject().put("type", "null");
      return;
    }
    String type = field.path("type").asString();
    field.putArray("type").add(type).add("null");
    if (field.get("enum") instanceof ArrayNode words) {
      words.addNull();
    }
  }

  /** A definition has no names and no budget: those are the workflow's. */
  private void addPlan() {
    schemas.remove("JsonNode");
    ObjectNode file = (ObjectNode) JsonMapper.shared().readTree(PLAN);
    ObjectNode plan = schemas.putObject("Plan");
    plan.put(
        "description",
        "What is to be done, as docs/plan.schema.json has it. The server checks more than a schema"
            + " can say: that needs are steps and form no circle, that agents exist, that estimates"
            + " fit the budget.");
    plan.put("type", "object").put("additionalProperties", false);
    plan.putArray("required").add("steps");
    ObjectNode properties = plan.putObject("properties");
    for (String name : List.of("autonomy", "timeoutMillis", "steps")) {
      properties.set(name, named(file.path("properties").path(name)));
    }
    file.path("$defs")
        .propertyStream()
        .forEach(entry -> schemas.set(planPart(entry.getKey()), named(entry.getValue())));
  }

  private static String planPart(String name) {
    return "Plan" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  /** With references to where the parts are in the document. */
  private static JsonNode named(JsonNode schema) {
    JsonNode copy = schema.deepCopy();
    if (copy instanceof ObjectNode object && object.has("$ref")) {
      rename(object);
    }
    copy.findParents("$ref").forEach(parent -> rename((ObjectNode) parent));
    return copy;
  }

  private static void rename(ObjectNode parent) {
    String ref = parent.path("$ref").asString();
    if (ref.startsWith("#/$defs/")) {
      parent.put("$ref", REF + planPart(ref.substring("#/$defs/".length())));
    }
  }

  private void addProblem() {
    schemas.remove("ProblemDetail");
    ObjectNode problem = schemas.putObject("Problem");
    problem.put(
        "description",
        "A refusal (RFC 9457). Its type tells a program what is wrong, its detail a person;"
            + " docs/problems.md describes each type, and so does GET on the type itself.");
    problem.put("type", "object");
    ObjectNode properties = problem.putObject("properties");
    text(properties, "type", "stable: /problems/ and the problem's name")
        .put("format", "uri-reference");
    text(properties, "title", "the problem in a few words");
    properties.putObject("status").put("type", "integer").put("format", "int32");
    text(properties, "detail", "for people; may change its words");
    text(properties, "instance", "the path of the request").put("format", "uri-reference");
    text(properties, "field", "the field, header or parameter that it is about");
    text(properties, "permission", "what the caller lacks");
    ObjectNode scope = properties.putObject("scope");
    scope.put("description", "the part of the tenant where the caller lacks it");
    scope.put("type", "object");
    for (String part : List.of("project", "environment")) {
      scope.withObject("/properties/" + part).putArray("type").add("string").add("null");
    }
    ObjectNode faults = properties.putObject("faults");
    faults.put("description", "all that is wrong with a plan, in its order").put("type", "array");
    ObjectNode fault = faults.putObject("items").put("type", "object");
    ObjectNode ofFault = fault.putObject("properties");
    text(ofFault, "at", "where, such as steps[2].needs");
    text(ofFault, "fault", "what");
    fault.putArray("required").add("at").add("fault");
    for (String amount : List.of("requested", "remaining", "limit", "inUse")) {
      for (String unit : List.of("Tokens", "MicroDollars")) {
        properties.putObject(amount + unit).put("type", "integer").put("format", "int64");
      }
    }
    problem.putArray("required").add("type").add("title").add("status");
  }

  private static ObjectNode text(ObjectNode properties, String name, String description) {
    return properties.putObject(name).put("type", "string").put("description", description);
  }
}

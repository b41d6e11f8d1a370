package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow and its plan in a file of YAML or JSON. What can be judged here is; the plan itself is
 * judged by the server.
 *
 * @param workflow the fields that describe the workflow, as the API takes them
 * @param budget what a budget of its own is to hold, as the API takes it; null where it wants none
 * @param plan the plan's definition, as the API takes it
 */
record PlanFile(ObjectNode workflow, @Nullable ObjectNode budget, ObjectNode plan) {

  private static final List<String> OF_THE_WORKFLOW =
      List.of("name", "intent", "labels", "budgetId");
  private static final List<String> OF_THE_PLAN = List.of("autonomy", "timeoutMillis", "steps");
  private static final String BUDGET = "budget";

  /**
   * Reads a file.
   *
   * @param file its path, or {@code -} for the standard input
   * @throws NoSuchFileException when there is no such file
   * @throws UnreadableDefinition saying what is wrong with it, and where
   */
  static PlanFile read(String file) throws IOException {
    return of(DefinitionFile.name(file), DefinitionFile.read(file));
  }

  /**
   * Reads a text.
   *
   * @param file what messages call it
   */
  static PlanFile parse(String file, String text) {
    return of(file, DefinitionFile.tree(file, text));
  }

  private static PlanFile of(String file, JsonNode read) {
    if (!(read instanceof ObjectNode definition)) {
      throw new UnreadableDefinition(
          file + " is no plan: it has to be an object with name and steps");
    }
    for (String field : names(definition)) {
      if (!OF_THE_WORKFLOW.contains(field)
          && !OF_THE_PLAN.contains(field)
          && !field.equals(BUDGET)) {
        throw new UnreadableDefinition(
            "%s has a field that plans do not have: %s".formatted(file, field));
      }
    }
    for (String field : List.of("name", "intent")) {
      if (!definition.path(field).isTextual()) {
        throw new UnreadableDefinition("%s has to have a text \"%s\"".formatted(file, field));
      }
    }
    if (definition.has(BUDGET) && definition.has("budgetId")) {
      throw new UnreadableDefinition(file + " has both a budget and a budgetId; leave one out");
    }
    return new PlanFile(
        only(definition, OF_THE_WORKFLOW),
        definition.has(BUDGET) ? budget(file, definition) : null,
        only(definition, OF_THE_PLAN));
  }

  private static ObjectNode budget(String file, ObjectNode definition) {
    JsonNode budget = definition.path(BUDGET);
    if (!budget.isObject()
        || budget.size() != 2
        || !budget.path("tokens").isIntegralNumber()
        || !budget.path("microDollars").isIntegralNumber()) {
      throw new UnreadableDefinition(
          file + " has a budget that is none: it is an object of whole tokens and microDollars");
    }
    ObjectNode opened = JsonNodeFactory.instance.objectNode();
    opened.set("name", definition.path("name"));
    opened.set("limitTokens", budget.path("tokens"));
    opened.set("limitMicroDollars", budget.path("microDollars"));
    return opened;
  }

  private static ObjectNode only(ObjectNode definition, Collection<String> fields) {
    return definition.deepCopy().retain(fields);
  }

  private static List<String> names(ObjectNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}

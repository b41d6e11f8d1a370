package io.agentflow.application.planning;

import io.agentflow.domain.planning.PlanFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One JSON object of a plan's definition, read field by field. What cannot be read is noted with
 * its path, and something is answered in its place, so that reading goes on. A field that is null
 * is one that is not there.
 */
final class DefinitionFields {

  /** Stands for a text that is there but cannot be read. */
  private static final String UNREADABLE = "?";

  private final String path;
  private final JsonNode object;
  private final List<PlanFault> faults;

  private DefinitionFields(String path, JsonNode object, List<PlanFault> faults) {
    this.path = path;
    this.object = object;
    this.faults = faults;
  }

  /**
   * The fields of an object; null, with a fault noted, where there is no object.
   *
   * @param at where it stands; empty for the definition itself
   * @param known all fields that it may have
   * @param faults to which faults are added
   */
  static @Nullable DefinitionFields of(
      JsonNode json, String at, List<String> known, List<PlanFault> faults) {
    if (!json.isObject()) {
      faults.add(new PlanFault(at.isEmpty() ? "plan" : at, "must be an object"));
      return null;
    }
    DefinitionFields fields = new DefinitionFields(at.isEmpty() ? "" : at + ".", json, faults);
    for (String name : json.propertyNames()) {
      if (!known.contains(name)) {
        fields.fault(name, "is no field here; known are " + String.join(", ", known));
      }
    }
    return fields;
  }

  /** The field's value, or null. */
  private @Nullable JsonNode value(String name) {
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private void fault(String name, String fault) {
    faults.add(new PlanFault(path + name, fault));
  }

  /** A text that may be missing. */
  @Nullable String text(String name) {
    JsonNode value = value(name);
    if (value != null && !value.isString()) {
      fault(name, "must be text");
      return UNREADABLE;
    }
    return value == null ? null : value.stringValue();
  }

  /** A text that has to be there. */
  String requiredText(String name) {
    String text = text(name);
    if (text == null) {
      fault(name, "is required");
      return UNREADABLE;
    }
    return text;
  }

  /** Any JSON, as text: a text as it is, anything else as its JSON, nothing as no text. */
  String content(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return "";
    }
    return value.isString() ? value.stringValue() : value.toString();
  }

  /** A list of texts; none where it is missing. */
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    List<JsonNode> values = list(name);
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isString()) {
        texts.add(values.get(i).stringValue());
      } else {
        fault("%s[%d]".formatted(name, i), "must be text");
      }
    }
    return texts;
  }

  /** A list of anything; none where it is missing. */
  List<JsonNode> list(String name) {
    JsonNode value = value(name);
    if (value != null && !value.isArray()) {
      fault(name, "must be a list");
    }
    return value == null || !value.isArray() ? List.of() : List.copyOf(value.values());
  }

  /** A whole number, also one that is written as 5.0. */
  long whole(String name, long otherwise) {
    JsonNode value = value(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.isNumber() || !value.canConvertToExactIntegral() || !value.canConvertToLong()) {
      fault(name, "must be a whole number");
      return otherwise;
    }
    return value.longValue();
  }

  /** A whole number of which a few digits are enough. */
  int smallWhole(String name, int otherwise) {
    long whole = whole(name, otherwise);
    if (whole != (int) whole) {
      fault(name, "must be a whole number of at most nine digits");
      return otherwise;
    }
    return (int) whole;
  }

  boolean flag(String name) {
    JsonNode value = value(name);
    if (value != null && !value.isBoolean()) {
      fault(name, "must be true or false");
    }
    return value != null && value.isBoolean() && value.booleanValue();
  }

  /** One of several words: the constants' names in lower case. */
  <E extends Enum<E>> E word(String name, E otherwise) {
    JsonNode value = value(name);
    if (value == null) {
      return otherwise;
    }
    E[] constants = otherwise.getDeclaringClass().getEnumConstants();
    for (E constant : constants) {
      if (value.isString() && value.stringValue().equals(wordOf(constant))) {
        return constant;
      }
    }
    fault(
        name,
        Arrays.stream(constants)
            .map(DefinitionFields::wordOf)
            .collect(Collectors.joining(", ", "must be one of ", "")));
    return otherwise;
  }

  /** One of several words, which has to be there. */
  <E extends Enum<E>> E requiredWord(String name, E placeholder) {
    if (!has(name)) {
      fault(name, "is required");
    }
    return word(name, placeholder);
  }

  private static String wordOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  boolean has(String name) {
    return value(name) != null;
  }

  /** The fields of an object within this one; null where it is missing or none. */
  @Nullable DefinitionFields object(String name, List<String> known) {
    JsonNode value = value(name);
    return value == null ? null : of(value, path + name, known, faults);
  }
}

package io.agentflow.projections;

import io.agentflow.domain.Checks;
import io.agentflow.domain.InvalidField;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which rows of a list are wanted: those that fit all that was asked for. */
public final class Filter {

  private final StringBuilder conditions = new StringBuilder();
  private final Map<String, Object> parameters = new LinkedHashMap<>();
  private String unchangingConditions = "";

  /**
   * Only rows with one of several words.
   *
   * @param word null for any
   * @param column or an expression
   * @throws InvalidField for a word that is not known, with those that are
   */
  public Filter oneOf(String parameter, @Nullable String word, List<String> known, String column) {
    if (word != null && !known.contains(word)) {
      throw new InvalidField(parameter, "must be one of %s, not \"%s\"".formatted(known, word));
    }
    return is(word, column);
  }

  /**
   * Only rows that have this value.
   *
   * @param value null for any
   */
  public Filter is(@Nullable String value, String column) {
    return value == null ? this : and(column + " = %s", value);
  }

  /**
   * Only rows whose list of names has this one.
   *
   * @param name null for any
   * @param column of the type {@code jsonb}
   */
  public Filter contains(@Nullable String name, String column) {
    return name == null
        ? this
        : and(column + " @> cast(%s as jsonb)", JsonColumn.write(List.of(name)));
  }

  /**
   * Only rows with all of these labels.
   *
   * @param labels each a name and a value with a colon between; null for any
   * @throws InvalidField for one without a colon
   */
  public Filter labels(String @Nullable [] labels, String column) {
    if (labels != null) {
      for (String label : labels) {
        int colon = label.indexOf(':');
        if (colon < 1) {
          throw new InvalidField("label", "must be name:value, not \"%s\"".formatted(label));
        }
        and(
            column + " @> cast(%s as jsonb)",
            JsonColumn.write(Map.of(label.substring(0, colon), label.substring(colon + 1))));
      }
    }
    return this;
  }

  /**
   * Only rows of workflows in this part of the tenant: by their labels {@code project} and {@code
   * environment}; null for any.
   */
  public Filter in(@Nullable String project, @Nullable String environment, String labels) {
    Map<String, String> wanted = new LinkedHashMap<>();
    if (project != null) {
      wanted.put("project", project);
    }
    if (environment != null) {
      wanted.put("environment", environment);
    }
    return wanted.isEmpty()
        ? this
        : and(labels + " @> cast(%s as jsonb)", JsonColumn.write(wanted));
  }

  /** Only rows whose time is after one and before another; null for any. */
  public Filter between(@Nullable Instant after, @Nullable Instant before, String column) {
    if (after != null) {
      and(column + " > %s", after.atOffset(ZoneOffset.UTC));
    }
    if (before != null) {
      and(column + " < %s", before.atOffset(ZoneOffset.UTC));
    }
    return this;
  }

  /**
   * Only rows with this part in a text, whatever its case.
   *
   * @param part null for any
   * @throws InvalidField for more than a name can have
   */
  public Filter has(String parameter, @Nullable String part, String column) {
    return part == null
        ? this
        : and(
            "strpos(lower(%s collate \"pg_unicode_fast\"), lower(%%s collate \"pg_unicode_fast\")) > 0"
                .formatted(column),
            Checks.text(parameter, part, Checks.NAME_CHARS_MAX));
  }

  /**
   * Only rows with an amount in these bounds, which belong to it; null for any.
   *
   * @param name of what it is: the parameters begin with it
   * @throws InvalidField for what is no amount
   */
  public Filter amount(String name, @Nullable Long least, @Nullable Long most, String column) {
    if (least != null) {
      and(column + " >= %s", Checks.count(name + "AtLeastMicroDollars", least));
    }
    if (most != null) {
      and(column + " <= %s", Checks.count(name + "AtMostMicroDollars", most));
    }
    return this;
  }

  /**
   * Only rows whose value is among those of a query.
   *
   * @param query with {@code %s} where its one parameter stands
   * @param value of that; null for any row
   */
  public Filter among(String column, String query, @Nullable String value) {
    return value == null ? this : and("%s in (%s)".formatted(column, query), value);
  }

  /** What was asked for so far is about what a row has from its first event on, for ever. */
  public Filter unchanging() {
    unchangingConditions = conditions.toString();
    return this;
  }

  private Filter and(String condition, Object value) {
    String parameter = "filter" + parameters.size();
    parameters.put(parameter, value);
    conditions.append(" and ").append(condition.formatted(":" + parameter));
    return this;
  }

  /** To be put behind other conditions; empty where all rows are wanted. */
  public String conditions() {
    return conditions.toString();
  }

  /** Those of the conditions that a row fits now when it ever did. */
  String unchangingConditions() {
    return unchangingConditions;
  }

  /** The values of the conditions, by the names that they have there. */
  public Map<String, Object> parameters() {
    return parameters;
  }
}

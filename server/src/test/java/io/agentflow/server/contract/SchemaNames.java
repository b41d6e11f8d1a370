package io.agentflow.server.contract;

import com.fasterxml.jackson.databind.JavaType;
import io.swagger.v3.core.jackson.TypeNameResolver;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Names schemas so that no two types share one: a type within another is named after both, and
 * where a controller is meant, without what makes it one.
 */
final class SchemaNames extends TypeNameResolver {

  private final Map<String, Class<?>> types = new TreeMap<>();

  /** Which type has which name, as far as types have been named. */
  Map<String, Class<?>> types() {
    return types;
  }

  @Override
  protected String nameForClass(Class<?> type, Set<Options> options) {
    String name = nameOf(type);
    Class<?> other = types.putIfAbsent(name, type);
    if (other != null && other != type) {
      throw new IllegalStateException("%s and %s are both %s".formatted(other, type, name));
    }
    return name;
  }

  private static String nameOf(Class<?> type) {
    String name = type.getSimpleName();
    Class<?> within = type.getDeclaringClass();
    String prefix = within == null ? packageOfRequest(type) : nameOf(within);
    prefix = prefix.replaceAll("(Http|Table)$", "");
    return name.startsWith(prefix) ? name : prefix + name;
  }

  private static String packageOfRequest(Class<?> type) {
    if (!type.getSimpleName().endsWith("Request")) {
      return "";
    }
    String last = type.getPackageName().substring(type.getPackageName().lastIndexOf('.') + 1);
    return Character.toUpperCase(last.charAt(0)) + last.substring(1);
  }

  @Override
  protected String nameForGenericType(JavaType type, Set<Options> options) {
    String name = super.nameForGenericType(type, options);
    types.put(name, type.getRawClass());
    return name;
  }
}

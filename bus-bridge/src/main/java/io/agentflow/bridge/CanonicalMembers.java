package io.agentflow.bridge;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The members of an object in canonical JSON (RFC 8785), each value as it is written. So members
 * can be added without reading what the values are.
 */
final class CanonicalMembers {

  private CanonicalMembers() {}

  /**
   * Takes an object apart.
   *
   * @param object as the log keeps it; its names need no escapes
   * @throws IllegalArgumentException for what is no object in that form
   */
  static SortedMap<String, String> of(String object) {
    SortedMap<String, String> members = new TreeMap<>();
    int at = 1;
    try {
      while (object.charAt(at) != '}') {
        int nameEnd = endOfString(object, at);
        int valueEnd = endOfValue(object, nameEnd + 1);
        members.put(object.substring(at + 1, nameEnd - 1), object.substring(nameEnd + 1, valueEnd));
        at = object.charAt(valueEnd) == ',' ? valueEnd + 1 : valueEnd;
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not an object in canonical JSON", e);
    }
    return members;
  }

  /** Puts an object together. */
  static void write(SortedMap<String, String> members, StringBuilder out) {
    String separator = "{\"";
    for (Map.Entry<String, String> member : members.entrySet()) {
      out.append(separator).append(member.getKey()).append("\":").append(member.getValue());
      separator = ",\"";
    }
    out.append('}');
  }

  private static int endOfString(String text, int start) {
    int at = start + 1;
    while (text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  private static int endOfValue(String text, int start) {
    int depth = 0;
    int at = start;
    while (true) {
      switch (text.charAt(at)) {
        case '"' -> at = endOfString(text, at);
        case '{', '[' -> {
          depth++;
          at++;
        }
        case '}', ']' -> {
          if (depth == 0) {
            return at;
          }
          depth--;
          at++;
        }
        case ',' -> {
          if (depth == 0) {
            return at;
          }
          at++;
        }
        default -> at++;
      }
    }
  }
}

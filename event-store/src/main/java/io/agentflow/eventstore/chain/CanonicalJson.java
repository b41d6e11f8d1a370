package io.agentflow.eventstore.chain;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;
import java.util.Map;

/**
 * JSON in the one form that is hashed: RFC 8785 (JSON Canonicalization Scheme). Object members are
 * sorted by UTF-16 code units, numbers are written as ECMAScript does, nothing is escaped that need
 * not be, and there is no white space.
 *
 * <p>Refused, because they would not survive the way through PostgreSQL or through another parser:
 * whole numbers beyond ±(2^53 - 1), numbers no double holds, lone surrogates, U+0000, duplicate
 * member names.
 */
public final class CanonicalJson {

  private static final long EXACT_INTEGER_MAX = (1L << 53) - 1;
  private static final BigInteger EXACT_INTEGER_MAX_BIG = BigInteger.valueOf(EXACT_INTEGER_MAX);
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private CanonicalJson() {}

  /** The JSON has no canonical form that can be stored; the message says what is in the way. */
  public static final class NotCanonicalizable extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    NotCanonicalizable(String message) {
      super(message);
    }

    NotCanonicalizable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Reads JSON text strictly.
   *
   * @throws NotCanonicalizable when it is not exactly one well-formed JSON value
   */
  public static JsonNode parse(String json) {
    try {
      JsonNode node = STRICT.readTree(json);
      if (node.isMissingNode()) {
        throw new NotCanonicalizable("there is no JSON value in the text");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new NotCanonicalizable("not well-formed JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * The canonical form of JSON text.
   *
   * @throws NotCanonicalizable as the class says
   */
  public static String canonicalize(String json) {
    return canonicalize(parse(json));
  }

  /**
   * The canonical form of a JSON tree.
   *
   * @throws NotCanonicalizable as the class says
   */
  public static String canonicalize(JsonNode node) {
    StringBuilder out = new StringBuilder();
    write(node, out);
    return out.toString();
  }

  private static void write(JsonNode node, StringBuilder out) {
    switch (node.getNodeType()) {
      case OBJECT -> writeObject(node, out);
      case ARRAY -> writeArray(node, out);
      case STRING -> writeString(node.textValue(), out);
      case NUMBER -> writeNumber(node, out);
      case BOOLEAN -> out.append(node.booleanValue());
      case NULL -> out.append("null");
      case BINARY, MISSING, POJO ->
          throw new NotCanonicalizable("not a JSON value: " + node.getNodeType());
    }
  }

  private static void writeObject(JsonNode object, StringBuilder out) {
    List<Map.Entry<String, JsonNode>> members =
        object.properties().stream().sorted(Map.Entry.comparingByKey()).toList();
    out.append('{');
    String separator = "";
    for (Map.Entry<String, JsonNode> member : members) {
      out.append(separator);
      writeString(member.getKey(), out);
      out.append(':');
      write(member.getValue(), out);
      separator = ",";
    }
    out.append('}');
  }

  private static void writeArray(JsonNode array, StringBuilder out) {
    out.append('[');
    String separator = "";
    for (JsonNode element : array) {
      out.append(separator);
      write(element, out);
      separator = ",";
    }
    out.append(']');
  }

  /**
   * Writes a string as RFC 8785, section 3.2.2.2, which has one form for each character.
   *
   * @throws NotCanonicalizable as the class says
   */
  public static void writeString(String text, StringBuilder out) {
    out.append('"');
    int written = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        out.append(text, written, i);
        writeEscaped(c, out);
        written = i + 1;
      } else if (Character.isSurrogate(c)) {
        i++;
        if (i == text.length() || !Character.isSurrogatePair(c, text.charAt(i))) {
          throw new NotCanonicalizable("a string contains half of a surrogate pair");
        }
      }
    }
    out.append(text, written, text.length()).append('"');
  }

  private static void writeEscaped(char c, StringBuilder out) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case 0 -> throw new NotCanonicalizable("a string contains U+0000, which jsonb cannot hold");
      default -> out.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 0xf]);
    }
  }

  private static void writeNumber(JsonNode number, StringBuilder out) {
    if (number.isIntegralNumber()) {
      BigInteger value = number.bigIntegerValue();
      if (value.abs().compareTo(EXACT_INTEGER_MAX_BIG) > 0) {
        throw new NotCanonicalizable(
            "a whole number lies beyond 2^53 - 1, where JSON is not exact: " + value);
      }
      out.append(value);
      return;
    }
    // A float's own digits, not those that it gets when it is widened to a double.
    BigDecimal exact = number.isFloat() ? new BigDecimal(number.asText()) : number.decimalValue();
    double value = exact.doubleValue();
    if (Double.isInfinite(value)) {
      throw new NotCanonicalizable("a number is too large for a double: " + exact);
    }
    out.append(ecmaScript(value));
  }

  /**
   * A double as ECMAScript's {@code Number::toString} writes it (ECMA-262, section 6.1.6.1.20), on
   * the shortest digits that {@link Double#toString} finds since JDK 19.
   */
  static String ecmaScript(double value) {
    if (!Double.isFinite(value)) {
      throw new NotCanonicalizable("JSON has no " + value);
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal shortest = shortest(Math.abs(value));
    String digits = shortest.unscaledValue().toString();
    int pointAt = digits.length() - shortest.scale();
    String sign = value < 0 ? "-" : "";
    if (pointAt > 21 || pointAt <= -6) {
      String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
      int exponent = pointAt - 1;
      return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "" : "+") + exponent;
    }
    if (pointAt <= 0) {
      return sign + "0." + "0".repeat(-pointAt) + digits;
    }
    if (pointAt >= digits.length()) {
      return sign + digits + "0".repeat(pointAt - digits.length());
    }
    return sign + digits.substring(0, pointAt) + "." + digits.substring(pointAt);
  }

  /**
   * The shortest decimal that reads as the double. Java's own text never has fewer than two digits.
   */
  private static BigDecimal shortest(double value) {
    BigDecimal javas = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (javas.precision() == 2) {
      BigDecimal oneDigit = javas.round(new MathContext(1));
      if (oneDigit.doubleValue() == value) {
        return oneDigit.stripTrailingZeros();
      }
    }
    return javas;
  }
}

package io.agentflow.eventstore.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.chain.CanonicalJson.NotCanonicalizable;
import java.io.IOException;
import java.util.Random;
import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {

  /** RFC 8785, appendix B: the bits of a double and how it is written. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2"
  })
  void a_double_is_written_as_the_rfc_has_it(String bits, String written) {
    assertThat(CanonicalJson.ecmaScript(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))))
        .isEqualTo(written);
  }

  /** RFC 8785, section 3.2.2 with the result of section 3.2.3. */
  @Test
  void the_sample_of_the_rfc_has_the_form_of_the_rfc() {
    assertThat(
            CanonicalJson.canonicalize(
                """
                {
                  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
                  "literals": [null, true, false]
                }
                """))
        .isEqualTo(
            "{\"literals\":[null,true,false],"
                + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  }

  /** RFC 8785, section 3.2.3: members are sorted by UTF-16 code units, not by code points. */
  @Test
  void members_are_sorted_by_utf_16_code_units() {
    assertThat(
            CanonicalJson.canonicalize(
                "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
                    + "\"\\u0080\":6,\"\\u00f6\":7}"))
        .isEqualTo(
            "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"\ud83d\ude00\":5,\"\ufb33\":3}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9007199254740992",
        "-9007199254740992",
        "123456789012345678901234567890",
        "1e400",
        "{\"a\":1,\"a\":2}",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00x\"",
        "{} {}",
        "",
        "{\"a\"",
        "NaN",
        "[1,]"
      })
  void what_has_no_canonical_form_that_can_be_stored_is_refused(String json) {
    assertThatThrownBy(() -> CanonicalJson.canonicalize(json))
        .isInstanceOf(NotCanonicalizable.class);
  }

  /** Against the reference implementation of the RFC's author. */
  @Test
  void any_json_has_the_form_that_the_reference_implementation_gives_it() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      ObjectNode json = anyObject(random, 3);
      assertThat(CanonicalJson.canonicalize(json.toString()))
          .as("seed %d, round %d: %s", seed, i, json)
          .isEqualTo(new JsonCanonicalizer(json.toString()).getEncodedString());
    }
  }

  private static ObjectNode anyObject(Random random, int depth) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    int members = random.nextInt(5);
    for (int i = 0; i < members; i++) {
      String name = anyText(random);
      switch (random.nextInt(depth == 0 ? 4 : 6)) {
        case 0 -> object.put(name, anyText(random));
        case 1 -> object.put(name, random.nextLong(-(1L << 53) + 1, 1L << 53));
        case 2 -> object.put(name, anyDouble(random));
        case 3 -> object.put(name, random.nextBoolean());
        case 4 -> object.set(name, anyObject(random, depth - 1));
        default -> {
          ArrayNode array = object.putArray(name);
          array.add(anyText(random)).addNull().add(anyObject(random, depth - 1));
        }
      }
    }
    return object;
  }

  private static double anyDouble(Random random) {
    double value = Double.longBitsToDouble(random.nextLong());
    return Double.isFinite(value) ? value : random.nextGaussian();
  }

  private static String anyText(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(6);
    for (int i = 0; i < length; i++) {
      int codePoint =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(1, 0x20);
            case 1 -> random.nextInt(0x10000, 0x10FFFF);
            case 2 -> random.nextInt(0x80, 0xD800);
            default -> random.nextInt(0x20, 0x7F);
          };
      text.appendCodePoint(codePoint);
    }
    return text.toString();
  }

  @Test
  void a_float_is_written_with_its_own_digits_and_not_with_those_of_a_double() {
    assertThat(CanonicalJson.canonicalize(FloatNode.valueOf(0.1f))).isEqualTo("0.1");
  }
}

package io.agentflow.eventstore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verifier's record against the writer's: written apart, they have to agree. */
class RecordBytesTest {

  private static final Instant Y2000 = Instant.parse("2000-01-01T00:00:00Z");

  private static String text(RecordBytes bytes) {
    return new String(bytes.array(), 0, bytes.length(), StandardCharsets.UTF_8);
  }

  @Test
  void every_character_is_escaped_as_the_writer_escapes_it() {
    RecordBytes record = new RecordBytes();
    for (int character = 1; character < 0x3000; character++) {
      String given = "a" + Character.toString(character) + "z";
      byte[] utf8 = given.getBytes(StandardCharsets.UTF_8);
      String json = text(record.clear().string(utf8, 0, utf8.length));
      assertThat(CanonicalJson.canonicalize(json)).isEqualTo(json);
      assertThat(CanonicalJson.parse(json).textValue()).isEqualTo(given);
    }
  }

  @Test
  void times_are_spelled_as_the_writer_spells_them() {
    Random random = new Random(7);
    RecordBytes record = new RecordBytes();
    for (int i = 0; i < 10_000; i++) {
      long micros = random.nextLong(-2_000_000_000_000_000L, 8_000_000_000_000_000L);
      Instant instant =
          Y2000.plus(Duration.ofSeconds(micros / 1_000_000, micros % 1_000_000 * 1_000));
      assertThat(text(record.clear().time(micros))).isEqualTo(ChainLink.timestamp(instant));
    }
  }

  @Test
  void numbers_and_uuids_are_spelled_as_java_spells_them() {
    Random random = new Random(7);
    RecordBytes record = new RecordBytes();
    for (int i = 0; i < 10_000; i++) {
      long number = random.nextLong() >> random.nextInt(64);
      assertThat(text(record.clear().number(number))).isEqualTo(Long.toString(number));
      UUID uuid = new UUID(random.nextLong(), random.nextLong());
      byte[] bytes =
          ByteBuffer.allocate(16)
              .putLong(uuid.getMostSignificantBits())
              .putLong(uuid.getLeastSignificantBits())
              .array();
      assertThat(text(record.clear().uuid(bytes, 0))).isEqualTo(uuid.toString());
    }
    assertThat(text(record.clear().number(Long.MIN_VALUE))).isEqualTo("" + Long.MIN_VALUE);
  }

  @Test
  void the_buffer_grows_with_what_it_holds() {
    RecordBytes record = new RecordBytes();
    byte[] long1 = "\u0001".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    assertThat(record.string(long1, 0, long1.length).length()).isEqualTo(600_002);
    assertThat(record.number(12345).time(0).length()).isEqualTo(600_002 + 5 + 27);
  }

  private static boolean isOneObject(String json) {
    byte[] bytes = ("]]" + json + "}}").getBytes(StandardCharsets.UTF_8);
    return RecordBytes.isOneObject(bytes, 2, bytes.length - 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":{\"b\":[{}]}}",
        "{\"a\":\"}\"}",
        "{\"a\":\"\\\"}\"}",
        "{\"a\":\"\\\\\"}",
        "{\"é\":\"{\\\\\"}"
      })
  void one_object_is_one_object(String json) {
    assertThat(isOneObject(json)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "}",
        "[]",
        "1",
        "{}}",
        "{}{}",
        "{} ",
        " {}",
        "{{}",
        "{\"a\":1},\"b\":{}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\"
      })
  void anything_else_is_not(String json) {
    assertThat(isOneObject(json)).isFalse();
  }
}

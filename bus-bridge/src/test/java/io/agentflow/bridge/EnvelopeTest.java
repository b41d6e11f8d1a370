package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.Ulid;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {

  private static final LogEntry ENTRY =
      SubjectTest.entry(
          "workflow",
          "workflow.message-recorded",
          "{\"actor\":\"cli\",\"traceparent\":"
              + "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}",
          "{\"content\":\"hi\",\"from\":\"user\",\"microDollars\":35,\"to\":\"bot\",\"tokens\":14}");

  private static JsonNode read(byte[] envelope) {
    return CanonicalJson.parse(new String(envelope, StandardCharsets.UTF_8));
  }

  @Test
  void it_has_the_fields_of_message_contract_v1_and_no_other() {
    JsonNode envelope = read(Envelope.whole(ENTRY, Subject.of(ENTRY)));

    assertThat(envelope.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "id",
            "trace_id",
            "span_id",
            "from",
            "to",
            "type",
            "payload",
            "metadata",
            "cost",
            "ts",
            "envelope_hash");
    assertThat(envelope.path("id").asText()).matches("[0-9A-HJKMNP-TV-Z]{26}");
    assertThat(Ulid.from(envelope.path("id").asText()).toUuid()).isEqualTo(ENTRY.eventId());
    assertThat(envelope.path("trace_id").asText()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(envelope.path("span_id").asText()).isEqualTo("00f067aa0ba902b7");
    assertThat(envelope.path("from").asText()).isEqualTo("user");
    assertThat(envelope.path("to").asText()).isEqualTo("bot");
    assertThat(envelope.path("type").asText()).isEqualTo("event");
    assertThat(envelope.path("cost").toString()).isEqualTo("{\"dollars\":0.000035,\"tokens\":14}");
    assertThat(envelope.path("ts").asText()).isEqualTo("2026-01-02T03:04:05.000006Z");
    assertThat(envelope.path("metadata").path("position").asLong()).isEqualTo(12);
    assertThat(envelope.path("metadata").path("workflow_id").asText())
        .isEqualTo(ENTRY.aggregateId());
  }

  @Test
  void it_is_as_the_published_schema_says() throws Exception {
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Files.readString(Path.of("../docs/events/envelope.schema.json")));

    for (byte[] envelope :
        List.of(
            Envelope.whole(ENTRY, Subject.of(ENTRY)), Envelope.of(ENTRY, Subject.of(ENTRY), 100))) {
      String text = new String(envelope, StandardCharsets.UTF_8);
      assertThat(schema.validate(text, InputFormat.JSON)).isEmpty();
      assertThat(schema.validate(text.replace("envelope_hash", "envelope_sum"), InputFormat.JSON))
          .isNotEmpty();
    }
  }

  @Test
  void its_hash_is_sha_256_over_its_canonical_form_without_the_hash() throws Exception {
    ObjectNode envelope = (ObjectNode) read(Envelope.whole(ENTRY, Subject.of(ENTRY)));
    String stated = envelope.remove("envelope_hash").asText();

    assertThat(stated)
        .isEqualTo(
            HexFormat.of()
                .formatHex(
                    MessageDigest.getInstance("SHA-256")
                        .digest(
                            CanonicalJson.canonicalize(envelope)
                                .getBytes(StandardCharsets.UTF_8))));
  }

  /** Also with values that look like structure, and metadata that comes between ours. */
  @Test
  void it_is_canonical_whatever_metadata_and_payload_say() {
    LogEntry entry =
        SubjectTest.entry(
            "workflow",
            "workflow.created",
            CanonicalJson.canonicalize(
                "{\"actor\":\"a \\\"quoted\\\" \\\\ {one},[\",\"labels\":{\"b\":[1,{\"c\":\"]}\"}],"
                    + "\"a\":{}},\"zone\":null,\"hops\":3,\"ß\":\"é\"}"),
            CanonicalJson.canonicalize(
                "{\"name\":\"from\\\":to\",\"inner\":{\"from\":\"nobody\",\"tokens\":5},"
                    + "\"tokens\":7,\"microDollars\":1500000}"));
    String text = new String(Envelope.whole(entry, Subject.of(entry)), StandardCharsets.UTF_8);

    assertThat(CanonicalJson.canonicalize(text)).isEqualTo(text);
    JsonNode envelope = CanonicalJson.parse(text);
    assertThat(envelope.path("from").asText()).isEqualTo("a \"quoted\" \\ {one},[");
    assertThat(envelope.path("cost").toString()).isEqualTo("{\"dollars\":1.5,\"tokens\":7}");
    assertThat(envelope.path("payload").toString()).isEqualTo(entry.payload());
    assertThat(envelope.at("/metadata/labels").toString())
        .isEqualTo("{\"a\":{},\"b\":[1,{\"c\":\"]}\"}]}");
    assertThat(envelope.at("/metadata/hops").asInt()).isEqualTo(3);
  }

  @Test
  void what_does_not_fit_is_told_as_a_reference_into_the_log() {
    JsonNode envelope = read(Envelope.of(ENTRY, Subject.of(ENTRY), 100));

    assertThat(envelope.path("payload").path("reference").path("position").asLong()).isEqualTo(12);
    assertThat(envelope.path("payload").path("reference").path("hash").asText())
        .isEqualTo(ENTRY.hash().hex());
  }
}

package io.agentflow.bridge.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class IntegrationEventTest {

  private static final long BIG_ENOUGH = 1 << 20;

  private static JsonNode json(byte[] body) {
    return CanonicalJson.parse(new String(body, StandardCharsets.UTF_8));
  }

  private static String told(LogEntry entry) {
    return new String(
        IntegrationEvent.of(entry).orElseThrow().body(BIG_ENOUGH), StandardCharsets.UTF_8);
  }

  static Stream<LogEntry> toldEntries() {
    return Entries.golden().stream().filter(entry -> IntegrationEvent.of(entry).isPresent());
  }

  @ParameterizedTest
  @MethodSource("toldEntries")
  void it_is_as_its_schema_says_and_says_no_more(LogEntry entry) {
    IntegrationEvent event = IntegrationEvent.of(entry).orElseThrow();

    assertThat(PublicSchemas.faults(event.type(), event.body(BIG_ENOUGH))).isEmpty();
    assertThat(PublicSchemas.faults(event.type(), event.body(10))).isEmpty();

    ObjectNode other = (ObjectNode) json(event.body(BIG_ENOUGH));
    for (String field : List.of("event_id", "version", "timestamp", "workspace_id", "data")) {
      ObjectNode less = other.deepCopy();
      less.remove(field);
      assertThat(PublicSchemas.faults(event.type(), bytes(less))).as(field).isNotEmpty();
    }
    other.withObject("/data").put("more", true);
    assertThat(PublicSchemas.faults(event.type(), bytes(other))).isNotEmpty();
  }

  private static byte[] bytes(JsonNode json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("toldEntries")
  void made_again_it_is_the_same_byte_for_byte_and_canonical(LogEntry entry) {
    IntegrationEvent event = IntegrationEvent.of(entry).orElseThrow();
    byte[] body = event.body(BIG_ENOUGH);

    assertThat(IntegrationEvent.of(entry).orElseThrow().body(BIG_ENOUGH)).isEqualTo(body);
    assertThat(new String(body, StandardCharsets.UTF_8))
        .isEqualTo(CanonicalJson.canonicalize(json(body)));
    assertThat(json(body).path("event_id").asText())
        .isEqualTo(
            UuidCreator.getNameBasedSha1(entry.eventId(), event.type().spokenName() + ".v1")
                .toString());
    assertThat(json(body).path("timestamp").asText()).isEqualTo("2026-01-02T03:04:05.000006Z");
    assertThat(event.subject()).isEqualTo("af.acme.events." + event.type().spokenName());
  }

  /** The page's table, row by row: which entries become what. */
  @Test
  void the_page_says_what_becomes_of_each_entry() throws IOException {
    String page = Files.readString(Path.of("../docs/bus.md"));
    Map<String, TreeSet<String>> described = new TreeMap<>();
    Matcher row = Pattern.compile("(?m)^\\| `([a-z]+\\.[a-z]+)` \\| (`[^|]*) \\|").matcher(page);
    while (row.find()) {
      Matcher entryType = Pattern.compile("`([a-z.-]+)`").matcher(row.group(2));
      while (entryType.find()) {
        described.computeIfAbsent(row.group(1), any -> new TreeSet<>()).add(entryType.group(1));
      }
    }

    Map<String, TreeSet<String>> mapped = new TreeMap<>();
    Stream.concat(Entries.golden().stream(), variants())
        .forEach(
            entry ->
                IntegrationEvent.of(entry)
                    .ifPresent(
                        event ->
                            mapped
                                .computeIfAbsent(event.type().spokenName(), any -> new TreeSet<>())
                                .add(entry.eventType())));
    assertThat(mapped).isEqualTo(described);
    assertThat(mapped.keySet())
        .isEqualTo(
            Arrays.stream(PublicEventType.values())
                .map(PublicEventType::spokenName)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** What the golden files do not have, of events whose payload decides. */
  private static Stream<LogEntry> variants() {
    return Stream.of(
        with("workflow.message-recorded", "role", "assistant"),
        without("workflow.step-failed", "leaseToken"));
  }

  private static LogEntry with(String eventType, String field, String value) {
    ObjectNode payload =
        (ObjectNode) CanonicalJson.parse(Entries.golden(eventType).payload()).deepCopy();
    return Entries.entry(eventType, CanonicalJson.canonicalize(payload.put(field, value)));
  }

  private static LogEntry without(String eventType, String field) {
    ObjectNode payload =
        (ObjectNode) CanonicalJson.parse(Entries.golden(eventType).payload()).deepCopy();
    payload.remove(field);
    return Entries.entry(eventType, CanonicalJson.canonicalize(payload));
  }

  @Test
  void variants_are_as_their_schemas_say() {
    variants()
        .forEach(
            entry -> {
              IntegrationEvent event = IntegrationEvent.of(entry).orElseThrow();
              assertThat(PublicSchemas.faults(event.type(), event.body(BIG_ENOUGH))).isEmpty();
            });
  }

  /** A new version of an event would else be told to nobody, and nobody would notice. */
  @Test
  void where_one_version_of_an_event_is_told_all_are() {
    Map<String, Boolean> told = new HashMap<>();
    for (LogEntry entry : Entries.golden()) {
      boolean present = IntegrationEvent.of(entry).isPresent();
      assertThat(told.merge(entry.eventType(), present, (a, b) -> a.equals(b) && a))
          .as(entry.eventType())
          .isEqualTo(present);
    }
  }

  @ParameterizedTest
  @EnumSource(PublicEventType.class)
  void each_type_has_a_schema_that_names_it(PublicEventType type) {
    JsonNode schema = PublicSchemas.read(type);

    assertThat(schema.path("$id").asText()).isEqualTo(type.schemaId());
    assertThat(schema.at("/properties/event_type/const").asText()).isEqualTo(type.spokenName());
    assertThat(schema.at("/properties/version/const").asText()).isEqualTo(type.version());
  }

  @Test
  void no_schema_is_left_over() throws IOException {
    try (Stream<Path> files = Files.list(PublicSchemas.FOLDER)) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".json")))
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(PublicEventType.values()).map(PublicEventType::schemaFile).toList());
    }
  }

  @Test
  void a_task_is_an_attempt_of_a_step() {
    assertThat(told(Entries.golden("workflow.step-ready")))
        .isEqualTo(
            """
            {"agent_id":"018f4e6a-0000-7000-8000-0000000000a1","data":{"created_by":"ada",\
            "description":"Do step search, attempt 1, with the capability search.",\
            "metadata":{"attempt":1,"budget_id":"018f4e6a-0000-7000-8000-0000000000b2",\
            "capability":"search","compensation":false,"estimated_micro_dollars":3600,\
            "estimated_tokens":1200,"kind":"agent","step_id":"search","timeout_ms":60000,\
            "workflow_id":"018f4e6a-0000-7000-8000-000000000001"},"status":"pending",\
            "title":"search"},"event_id":"EVENT_ID",\
            "event_type":"task.created","run_id":"018f4e6a-0000-7000-8000-000000000001",\
            "task_id":"018f4e6a-0000-7000-8000-000000000001:search:1",\
            "timestamp":"2026-01-02T03:04:05.000006Z","version":"1.0.0","workspace_id":"acme"}"""
                .replace(
                    "EVENT_ID",
                    UuidCreator.getNameBasedSha1(
                            Entries.golden("workflow.step-ready").eventId(), "task.created.v1")
                        .toString()));
  }

  @Test
  void how_a_workflow_ended_is_told_by_its_status() {
    assertThat(told(Entries.golden("workflow.completed")))
        .contains("\"status\":\"completed\"")
        .contains("\"output\":{\"text\":\"reward 1.0\"}");
    assertThat(told(Entries.golden("workflow.failed")))
        .contains("\"status\":\"failed\"")
        .contains("\"reason\":\"gave up\"");
    assertThat(told(Entries.golden("workflow.cancelled"))).contains("\"status\":\"cancelled\"");
  }

  @Test
  void a_lease_token_is_told_to_nobody() {
    assertThat(toldEntries().filter(entry -> entry.payload().contains("leaseToken"))).isNotEmpty();
    toldEntries()
        .forEach(
            entry ->
                assertThat(told(entry))
                    .doesNotContain("018f4e6a-0000-7000-8000-00000000cccc")
                    .doesNotContainIgnoringCase("lease_token"));
  }

  @ParameterizedTest
  @CsvSource({"user", "system", "tool"})
  void what_is_not_said_by_an_agent_is_no_message_of_an_agent(String role) {
    assertThat(IntegrationEvent.of(with("workflow.message-recorded", "role", role))).isEmpty();
  }

  @Test
  void a_step_for_people_or_time_is_no_task() {
    assertThat(IntegrationEvent.of(without("workflow.step-completed", "leaseToken"))).isEmpty();
    assertThat(IntegrationEvent.of(without("workflow.step-failed", "leaseToken")))
        .map(IntegrationEvent::type)
        .contains(PublicEventType.ERROR_OCCURRED);
    assertThat(
            IntegrationEvent.of(
                Entries.entry(
                    "workflow.step-cancelled",
                    "{\"attempt\":0,\"stepId\":\"confirm\",\"workflowId\":\"w\"}")))
        .isEmpty();
  }

  @Test
  void a_pause_is_an_error_where_a_budget_has_too_little_left() {
    assertThat(told(Entries.golden("workflow.paused")))
        .contains("\"error_type\":\"quota_exceeded\"");
    assertThat(IntegrationEvent.of(without("workflow.paused", "budgetId"))).isEmpty();
  }

  @Test
  void what_does_not_fit_is_told_as_a_reference_into_the_log() {
    Optional<IntegrationEvent> event = IntegrationEvent.of(Entries.golden("workflow.completed"));
    JsonNode body = json(event.orElseThrow().body(100));

    assertThat(body.path("event_type").asText()).isEqualTo("workflow.completed");
    assertThat(body.at("/data/reference/position").asLong()).isEqualTo(12);
    assertThat(body.at("/data/reference/hash").asText()).isEqualTo("ab".repeat(32));
  }
}

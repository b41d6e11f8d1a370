package io.agentflow.server.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.agentflow.bridge.Subject;
import io.agentflow.bridge.integration.PublicEventType;
import io.agentflow.domain.EventName;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogEntry;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The streams as an AsyncAPI 3 document: which events come where, and in which form. */
final class AsyncApi {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .build();

  private static final Map<String, String> PARAMETERS =
      Map.of(
          "tenantId", "The tenant, as a token names it.",
          "workflowId", "The workflow.",
          "agentId", "The agent.",
          "budgetId", "The budget.",
          "scheduleId", "The schedule.",
          "replayId", "As POST /v1/replays answers it.",
          "subject", "The subject that the entry was published under, behind the tenant.");

  private final Map<String, EventName> events = new TreeMap<>();
  private final ObjectNode document = JSON.objectNode();

  AsyncApi(Collection<EventName> names) {
    names.forEach(name -> events.put(key(name), name));
  }

  private static String key(EventName name) {
    return "%s.v%d".formatted(name.value(), name.version());
  }

  String yaml() {
    document.put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "AgentFlow's event streams")
        .put("version", "1.0.0")
        .put(
            "description",
            "The log as it grows: over HTTP as server-sent events, and on NATS JetStream. "
                + "Generated from the events and the bridge; ./dev catalogue writes it anew. "
                + "docs/contracts.md says what may change.");
    server("http", "localhost:8080", "http", "The AgentFlow server.");
    server("nats", "localhost:4222", "nats", "The NATS server that the bridge publishes to.");
    serverSentEvents();
    natsSubjects();
    publicEvents();
    publishing();
    messages();
    return written();
  }

  private void server(String name, String host, String protocol, String description) {
    document
        .withObject("/servers/" + name)
        .put("host", host)
        .put("protocol", protocol)
        .put("description", description);
  }

  private void serverSentEvents() {
    ObjectNode channel = channel("events", "/v1/events", "http");
    channel.put(
        "description",
        "The tenant's entries of the log in the order of their positions, each once: id is the "
            + "position, event the type, data the entry. Last-Event-ID resumes behind a position. "
            + "caught-up tells once that all is told that was there at first; an id alone, after a "
            + "silence, how far the log was looked through; resume, where to go on, as a last word.");
    events.keySet().forEach(key -> refer(channel, "entry." + key));
    refer(channel, "caught-up");
    refer(channel, "resume");
    ObjectNode operation = operation("tellEvents", "events");
    ObjectNode query =
        operation
            .putObject("bindings")
            .putObject("http")
            .put("method", "GET")
            .put("bindingVersion", "0.3.0")
            .putObject("query");
    query.put("type", "object");
    ObjectNode parameters = query.putObject("properties");
    parameter(
        parameters, "types", "string", "Types with commas between; * at an end for any rest.");
    parameter(parameters, "aggregateId", "string", "This aggregate's entries alone.");
    parameter(
        parameters,
        "workflowId",
        "string",
        "The workflow's entries, and those of budgets and schedules that name it.");
    parameter(parameters, "from", "integer", "What follows this position; else what comes new.");
  }

  private static void parameter(ObjectNode all, String name, String type, String description) {
    all.putObject(name).put("type", type).put("description", description);
  }

  /** Where the bridge says that an entry of each type is told. */
  private void natsSubjects() {
    for (Map.Entry<String, EventName> event : events.entrySet()) {
      Subject subject = Subject.of(entryOf(event.getValue()));
      refer(
          channel(channelName(subject), subject.name(), "nats")
              .put(
                  "description",
                  "In the stream %s; the headers are Nats-Msg-Id (the event's id), AF-Position, "
                          .formatted(subject.stream())
                      + "AF-Event-Type, traceparent, and those of CloudEvents 1.0 in binary mode."),
          "envelope." + event.getKey());
    }
    ObjectNode replays =
        channel("replays", "af.{tenantId}.replay.{replayId}.{subject}", "nats")
            .put(
                "description",
                "In the stream AF_REPLAYS: histories published again, with the headers AF-Replay and"
                    + " AF-Replay-Digest; the message id is the replay's id, a colon, the event's id.");
    events.keySet().forEach(key -> refer(replays, "envelope." + key));
  }

  private void publicEvents() {
    for (PublicEventType type : PublicEventType.values()) {
      String key = "public." + type.schemaFile().replace(".json", "");
      refer(
          channel(publicChannelName(type), type.subject("{tenantId}"), "nats")
              .put(
                  "description",
                  "In the stream AF_EVENTS. docs/bus.md says what it is made from; the headers are"
                      + " those of the entry that it tells, the message id is its event_id."),
          key);
      message(key, type.spokenName())
          .putObject("payload")
          .put("$ref", "./events/public/" + type.schemaFile());
    }
  }

  /** {@code task.created} is in eventsTaskCreated. */
  private static String publicChannelName(PublicEventType type) {
    return "events"
        + Pattern.compile("(?:^|\\.)(\\w)")
            .matcher(type.spokenName())
            .replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
  }

  /** Each channel on NATS is sent to. */
  private void publishing() {
    document
        .path("channels")
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals("events")) {
                operation(
                    "publish" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
                    name);
              }
            });
  }

  /** An entry whose ids are the names of a channel's parameters. */
  private static LogEntry entryOf(EventName name) {
    String aggregate = name.value().substring(0, name.value().indexOf('.'));
    return new LogEntry(
        1,
        "{tenantId}",
        1,
        new UUID(0, 0),
        aggregate,
        "{" + aggregate + "Id}",
        0,
        name.value(),
        name.version(),
        Instant.EPOCH,
        "{}",
        "{\"agentId\":\"{agentId}\"}",
        Hash.GENESIS,
        Hash.GENESIS);
  }

  /** {@code workflows.{workflowId}.out} is called workflowsOut. */
  private static String channelName(Subject subject) {
    Matcher word =
        Pattern.compile("[.]+(\\w)").matcher(subject.local().replaceAll("\\{\\w+}\\.?", ""));
    return word.replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
  }

  private ObjectNode channel(String name, String address, String server) {
    ObjectNode channel = document.withObject("/channels/" + name);
    if (channel.has("address")) {
      return channel;
    }
    channel.put("address", address);
    channel.putArray("servers").addObject().put("$ref", "#/servers/" + server);
    Matcher parameter = PARAMETER.matcher(address);
    while (parameter.find()) {
      channel
          .withObject("/parameters/" + parameter.group(1))
          .put("description", PARAMETERS.get(parameter.group(1)));
    }
    return channel;
  }

  private static void refer(ObjectNode channel, String message) {
    channel
        .withObject("/messages")
        .putObject(message)
        .put("$ref", "#/components/messages/" + message);
  }

  private ObjectNode operation(String name, String channel) {
    ObjectNode operation = document.withObject("/operations/" + name).put("action", "send");
    operation.putObject("channel").put("$ref", "#/channels/" + channel);
    return operation;
  }

  private void messages() {
    events.forEach(
        (key, name) -> {
          ObjectNode entry = message("entry." + key, name.value());
          typed(entry.putObject("payload"), "entry", "/properties/", key, name);
          ObjectNode envelope = message("envelope." + key, name.value());
          typed(
              envelope.putObject("payload"),
              "envelope",
              "/properties/metadata/properties/event_",
              key,
              name);
        });
    ObjectNode caughtUp = message("caught-up", "caught-up").putObject("payload");
    caughtUp.put("type", "object");
    caughtUp
        .withObject("/properties/through")
        .put("type", "integer")
        .put("description", "Up to this position all is told that passes the filter.");
    ObjectNode resume = message("resume", "resume").putObject("payload");
    resume.put("type", "object");
    resume
        .withObject("/properties/after")
        .put("type", "integer")
        .put("description", "What to send as Last-Event-ID.");
    resume
        .withObject("/properties/reason")
        .put("type", "string")
        .put("description", "slow, stopping, unavailable or failed; there may be others.");
  }

  private ObjectNode message(String key, String name) {
    return document
        .withObject("/components/messages")
        .putObject(key)
        .put("name", name)
        .put("contentType", "application/json");
  }

  /** The common form, and what the event's type says of it. */
  private static void typed(
      ObjectNode payload, String form, String at, String key, EventName name) {
    payload.withArray("allOf").addObject().put("$ref", "./events/%s.schema.json".formatted(form));
    ObjectNode special = payload.withArray("allOf").addObject();
    special.withObject(at + "type").put("const", name.value());
    special.withObject(at + "version").put("const", name.version());
    ObjectNode event = special.withObject("/properties/payload");
    String schema = "./events/schemas/%s.json".formatted(key);
    if (form.equals("envelope")) {
      event.withArray("anyOf").addObject().put("$ref", schema);
      event
          .withArray("anyOf")
          .addObject()
          .put("$ref", "./events/envelope.schema.json#/$defs/reference");
    } else {
      event.put("$ref", schema);
    }
  }

  private String written() {
    try {
      return YAML.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }
}

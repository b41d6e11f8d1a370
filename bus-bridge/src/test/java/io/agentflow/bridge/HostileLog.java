package io.agentflow.bridge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentflow.eventstore.EventType;
import io.agentflow.eventstore.EventTypes;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.postgres.LogWriter;
import io.agentflow.eventstore.postgres.LogWriterSettings;
import io.agentflow.eventstore.postgres.PostgresEventStorageEngine;
import io.agentflow.eventstore.postgres.Snapshots;
import io.agentflow.eventstore.postgres.SpokenNameSerializer;
import io.agentflow.eventstore.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.json.JacksonSerializer;

/** Fills a log with what is hard to write in the one form that is hashed. */
final class HostileLog {

  /** An event that may say anything. */
  record Said(JsonNode anything) {}

  private static final JsonMapper JSON = new JsonMapper();

  /** Each is in a test because some program writes, sorts or reads it otherwise. */
  private static final List<String> SINGLED_OUT =
      List.of(
          "{\"numbers\":[1e21,1e+21,0.1,-0.0,1e-7,5e-324,1.7976931348623157e308,0.000001,4.50,100]}",
          "{\"whole\":[9007199254740991,-9007199254740991,0,10000000000]}",
          "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6}",
          "{\"10\":1,\"9\":2,\"-1\":3,\"01\":4,\"\":5,\"a\":6,\"B\":7,\"\\u00e4\":8}",
          "{\"__proto__\":{\"constructor\":1},\"toString\":2,\"length\":3,\"toJSON\":4}",
          "{\"escapes\":\"\\\\ \\\" / \\b\\f\\n\\r\\t \\u0001 \\u001f \\u007f \\u2028 \\u2029 <>&'\"}",
          "{\"text\":\"Größe 🚲 𝄞 e\\u0301 é \\ufeff \\u200f \\ud83d\\udc69\\u200d\\ud83d\\udcbb\"}",
          "{\"nested\":[[],{},[{\"b\":null,\"a\":[true,false,null]}],\"\"]}");

  private HostileLog() {}

  /** Appends one aggregate's history: what is singled out, and as much again by lot. */
  static void append(TestDatabase database, String workflowId, long seed) throws Exception {
    List<JsonNode> said = new ArrayList<>();
    for (String json : SINGLED_OUT) {
      said.add(JSON.readTree(json));
    }
    Random random = new Random(seed);
    IntStream.range(0, 40).forEach(i -> said.add(anything(random)));
    try (LogWriter writer =
        new LogWriter(database.application(), LogWriterSettings.DEFAULT, new LogTail())) {
      new PostgresEventStorageEngine(
              writer,
              new LogReader(database.application()),
              new TenantLog(database.application()),
              new SpokenNameSerializer(
                  new EventTypes(Map.of(Said.class, new EventType("workflow.said", 1)))),
              new Snapshots(
                  database.application(),
                  database.application(),
                  JacksonSerializer.defaultSerializer(),
                  "test"))
          .appendEvents(
              IntStream.range(0, said.size())
                  .<DomainEventMessage<Said>>mapToObj(
                      i ->
                          new GenericDomainEventMessage<>(
                              "workflow",
                              workflowId,
                              i,
                              new Said(said.get(i)),
                              MetaData.with("tenantId", "acme").and("actor", "Zoë \"🚲\" \\ ada")))
                  .toList());
    }
  }

  /** Doubles of any size that no parser takes for a whole number, text of any characters. */
  private static ObjectNode anything(Random random) {
    ObjectNode object = JSON.createObjectNode();
    for (int i = 0; i < 8; i++) {
      double number = Double.longBitsToDouble(random.nextLong());
      boolean storable =
          Double.isFinite(number) && (Math.abs(number) < 1e15 || Math.abs(number) >= 1e21);
      object.put(text(random), storable ? number : 0.5);
      object.put(text(random), text(random));
    }
    return object;
  }

  /** Characters of all planes but U+0000 and halves of pairs, which the log refuses. */
  private static String text(Random random) {
    return random
        .ints(1 + random.nextInt(6), 1, 0x11_0000)
        .map(c -> random.nextInt(3) == 0 ? 1 + c % 0x7f : c)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}

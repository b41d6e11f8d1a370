package io.agentflow.bridge.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The schemas of {@code docs/events/public}, which let through what they do not know. */
public final class PublicSchemas {

  static final Path FOLDER = Path.of("../docs/events/public");

  private static final JsonMapper JSON = new JsonMapper();

  private PublicSchemas() {}

  /**
   * What is wrong with a message of this type, and what it says that its schema does not describe:
   * consumers have to bear the latter, producers may not rely on that.
   */
  public static List<String> faults(PublicEventType type, byte[] body) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(closed(read(type)).toString())
        .validate(new String(body, StandardCharsets.UTF_8), InputFormat.JSON)
        .stream()
        .map(Object::toString)
        .toList();
  }

  static JsonNode read(PublicEventType type) {
    try {
      return JSON.readTree(Files.readString(FOLDER.resolve(type.schemaFile())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode closed(JsonNode schema) {
    if (schema instanceof ObjectNode object && object.path("properties").isObject()) {
      object.put("additionalProperties", false);
    }
    schema.forEach(PublicSchemas::closed);
    return schema;
  }
}

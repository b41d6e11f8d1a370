package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who asks for something, of which server and tenant, and how the answer is told. */
public final class PersonOptions {

  @Mixin private ServerOptions server;
  @Mixin private TenantOption tenant;
  @Mixin private JsonOption json;

  @Mixin private PersonOption person;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "A role that you have; may be given several times. AF_TOKEN has its own.")
  private List<String> roles = new ArrayList<>();

  ApiClient client() {
    return server.client(tenant);
  }

  /** A client that speaks in the person's name. */
  ApiClient clientOfPerson() {
    return client().actingAs(person.name(), roles);
  }

  /** Whether the answer is printed as the API has it. */
  boolean isJson() {
    return json.isSet();
  }

  /** Commands in the person's name and tells in a line what is so now. */
  int command(Console console, String sentence, String path, ObjectNode body) {
    JsonNode answer = clientOfPerson().post(path, body);
    if (json.isSet()) {
      console.json(answer);
    } else {
      console.line(
          "%s %s (position %s)"
              .formatted(sentence, answer.path("id").asText(), answer.path("position").asText()));
    }
    return ExitCode.OK;
  }
}

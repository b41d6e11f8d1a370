package io.agentflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.agentflow.client.Accepted;
import io.agentflow.client.AgentFlowClient;
import io.agentflow.client.Command;
import io.agentflow.client.EventQuery;
import io.agentflow.client.EventStream;
import io.agentflow.client.Refusal;
import java.net.URI;
import java.util.function.Consumer;

/** The lines that {@code docs/client.md} shows; {@link ClientIT} runs them. */
final class ClientPage {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ClientPage() {}

  static void run(URI server, String token, Consumer<String> told) {
    // from here
    AgentFlowClient client = AgentFlowClient.of(server).token(token).build();
    JsonNode wanted = JSON.objectNode().put("name", "triage").put("intent", "sort the inbox");
    Accepted created = client.send(Command.to("/v1/workflows", wanted));

    String workflow = "/v1/workflows/" + created.id();
    Command start = Command.to(workflow + "/start", JSON.objectNode());
    client.send(start.ifMatch(created.version()));
    JsonNode result = JSON.objectNode().put("result", "sorted");
    try {
      client.send(Command.to(workflow + "/complete", result).ifMatch(created.version()));
    } catch (Refusal refusal) {
      told.accept(refusal.type()); // /problems/stale-version: it was started since
    }
    client.send(Command.to(workflow + "/complete", result));

    try (EventStream events = client.events(EventQuery.after(0).ofWorkflow(created.id()))) {
      String type = "";
      while (!type.equals("workflow.completed")) {
        type = events.next().type();
        told.accept(type);
      }
    }
    // to here
  }
}

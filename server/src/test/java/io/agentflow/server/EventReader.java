package io.agentflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of {@code GET /v1/events} that keeps what a browser's EventSource would keep. */
final class EventReader {

  private final String path;
  private final String tenant;
  private final List<Told> told = new ArrayList<>();
  private @Nullable String lastEventId;

  /** What was told of one entry. */
  record Told(long position, String eventId, String type) {}

  /** Whether a connection is to be read on. */
  interface Until {
    boolean isOver(@Nullable String type);
  }

  EventReader(String path, String tenant) {
    this.path = path;
    this.tenant = tenant;
  }

  List<Told> told() {
    return List.copyOf(told);
  }

  List<String> types() {
    return told.stream().map(Told::type).toList();
  }

  /** Where it would resume. */
  long position() {
    return lastEventId == null ? -1 : Long.parseLong(lastEventId);
  }

  /** Reads up to where the log ended when it came; breaks off then, without a word. */
  void catchUp(ServerProcess node) throws IOException, InterruptedException {
    read(node, "caught-up"::equals);
  }

  /**
   * Reads by a connection of its own, which it breaks off.
   *
   * @param until asked after each block, with its type; of one that tells nothing null
   */
  void read(ServerProcess node, Until until) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> response = connect(node, http);
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        if (response.statusCode() != 200) {
          throw new IllegalStateException(String.join("\n", lines.lines().toList()));
        }
        readBlocks(lines, until);
      } finally {
        http.shutdownNow();
      }
    }
  }

  /** A node notices a while later that a reader is gone, and has a place for another then. */
  private HttpResponse<InputStream> connect(ServerProcess node, HttpClient http)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response = ask(node, http);
    for (int i = 0; i < 100 && response.statusCode() == 503; i++) {
      Thread.sleep(100);
      response = ask(node, http);
    }
    return response;
  }

  private HttpResponse<InputStream> ask(ServerProcess node, HttpClient http)
      throws IOException, InterruptedException {
    var request = node.request(path, node.in(tenant));
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return http.send(request.GET().build(), BodyHandlers.ofInputStream());
  }

  private void tell(String type, JsonNode data) {
    if (data.has("eventId")) {
      told.add(new Told(data.path("position").asLong(), data.path("eventId").asText(), type));
    }
  }

  /** Reads from whatever has the form of such a stream, up to its end or where it breaks off. */
  void readBlocks(BufferedReader lines, Until until) throws IOException {
    String id = null;
    String type = null;
    String data = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.isEmpty()) {
        lastEventId = id == null ? lastEventId : id;
        if (type != null && data != null) {
          tell(type, CanonicalJson.parse(data));
        }
        if (until.isOver(type)) {
          return;
        }
        id = null;
        type = null;
        data = null;
      }
    }
  }
}

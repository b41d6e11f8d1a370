package io.agentflow.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads server-sent events, as the HTML standard has them; comments are passed over. */
final class ServerSentEvents {

  private final BufferedReader lines;

  ServerSentEvents(InputStream from) {
    this.lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8));
  }

  /**
   * What stands between two blank lines.
   *
   * @param id where to resume from now on; null where that does not change
   * @param type empty where none is named
   * @param data empty where there is none: nothing is told then
   */
  record Block(@Nullable String id, String type, String data) {}

  /**
   * The next event; null at the end. What is broken off in its midst is none.
   *
   * @throws IOException when the connection broke
   */
  @Nullable Block next() throws IOException {
    String id = null;
    String type = "";
    StringBuilder data = new StringBuilder();
    String line = lines.readLine();
    while (line != null && !line.isEmpty()) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
      switch (name) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
        default -> {}
      }
      line = lines.readLine();
    }
    return line == null ? null : new Block(id, type, data.toString());
  }
}

package io.agentflow.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.history.ExportedHistory;
import io.agentflow.cli.HistoryFile;
import io.agentflow.eventstore.chain.CanonicalJson;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens exported histories by the code by which a server folds them. */
final class OfflineHistories implements HistoryFile.Reader {

  private final StoredEvents events = StoredEvents.ofFiles();

  @Override
  public HistoryFile read(Path file) throws IOException {
    ExportedHistory history = ExportedHistory.read(file, events);
    return new HistoryFile() {
      @Override
      public JsonNode history(@Nullable String at) {
        return CanonicalJson.parse(history.history(at));
      }

      @Override
      public JsonNode state(@Nullable String at) {
        return CanonicalJson.parse(history.stateAt(at));
      }
    };
  }
}

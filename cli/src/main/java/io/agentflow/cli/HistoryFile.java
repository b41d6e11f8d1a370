package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An exported history, checked: it answers without a server what a server answers of the workflow.
 */
public interface HistoryFile {

  /** Opens files. */
  interface Reader {
    /**
     * Reads a file and checks it.
     *
     * @throws io.agentflow.eventstore.verify.UnreadableExport where it is not what was exported
     */
    HistoryFile read(Path file) throws IOException;
  }

  /**
   * What the workflow did.
   *
   * @param at up to this position or time; null for all of it
   * @throws IllegalArgumentException for what is no moment of the history
   */
  JsonNode history(@Nullable String at);

  /** The state that it was in then. */
  JsonNode state(@Nullable String at);
}

package io.agentflow.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;

/** Messages as people read them: when, where and who in one line, what was said below. */
final class FoundMessages {

  /** What a terminal would obey instead of showing it. */
  private static final Pattern OBEYED = Pattern.compile("[\\p{Cc}&&[^\\n\\t]]");

  private FoundMessages() {}

  /**
   * Prints a message.
   *
   * @param said all of it, or the parts of a snippet, of which those that are hits stand out
   */
  static void print(Console console, JsonNode message, JsonNode said) {
    console.line(
        "%s  %s  %s  %s → %s"
            .formatted(
                message.path("createdAt").asText(),
                message.path("workflowId").asText(),
                message.path("role").asText(),
                shown(message.path("from").asText()),
                shown(message.path("to").asText())));
    StringBuilder text = new StringBuilder();
    if (said.isTextual()) {
      text.append(shown(said.asText()));
    }
    for (JsonNode part : said) {
      String shown = shown(part.path("text").asText());
      text.append(part.path("hit").asBoolean() ? console.standingOut(shown) : shown);
    }
    console.line("    " + text.toString().strip().replace("\n", "\n    "));
  }

  private static String shown(String text) {
    return OBEYED.matcher(text).replaceAll(" ");
  }
}

package io.agentflow.application.replay;

import io.agentflow.domain.InvalidField;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The subjects under which a tenant's replays are told, and nothing else is. What stands elsewhere
 * is the log's alone to tell: who listens there may rely on it.
 */
final class ReplaySpace {

  private static final int SUBJECT_CHARS_MAX = 255;
  private static final Pattern TOKENS = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
  private static final Pattern OF_ONE_REPLAY =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(\\..*)?");

  private final String prefix;

  ReplaySpace(String tenantId) {
    this.prefix = "af." + tenantId + ".replay.";
  }

  /** What to subscribe to for exactly this replay. */
  String subjectsOf(String replayId) {
    return prefix + replayId + ".>";
  }

  /**
   * A subject of the caller's choice.
   *
   * @throws InvalidField for one outside of this tenant's space, or under a replay's own id
   */
  @Nullable String chosen(@Nullable String to) {
    if (to == null) {
      return null;
    }
    String name = to.startsWith(prefix) ? to.substring(prefix.length()) : "";
    if (to.length() > SUBJECT_CHARS_MAX
        || !TOKENS.matcher(name).matches()
        || OF_ONE_REPLAY.matcher(name).matches()) {
      throw new InvalidField(
          "to",
          ("must be %s and a name: tokens of A-Z, a-z, 0-9, _ and - with dots between, the first no"
                  + " UUID, %d characters in all; other subjects are the log's own")
              .formatted(prefix, SUBJECT_CHARS_MAX));
    }
    return to;
  }
}

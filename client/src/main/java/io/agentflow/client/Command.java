package io.agentflow.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A command, to be carried out once. It has its {@code Idempotency-Key} from the beginning: the
 * same object sent again, be it after a failure whose outcome nobody knows, is the same command.
 */
public final class Command {

  private static final Pattern KEY = Pattern.compile("[!-~]{1,255}");

  private static final String VERSION_NEEDS_KEY =
      "a command that expects a version needs a key, by which its repetition is known";

  private final String path;
  private final String body;
  private final @Nullable String key;
  private final @Nullable Long version;

  private Command(String path, String body, @Nullable String key, @Nullable Long version) {
    this.path = path;
    this.body = body;
    this.key = key;
    this.version = version;
  }

  /**
   * A command under a new key.
   *
   * @param path with all that is in front: {@code /v1/workflows}
   * @param body as it is now: what becomes of it later changes no repetition
   */
  public static Command to(String path, JsonNode body) {
    return new Command(path, body.toString(), UUID.randomUUID().toString(), null);
  }

  /**
   * The same under a key of the caller's, which outlasts this process. It becomes part of the log:
   * do not make it a secret.
   *
   * @throws IllegalArgumentException when it is not 1 to 255 visible ASCII characters
   */
  public Command under(String idempotencyKey) {
    if (!KEY.matcher(idempotencyKey).matches()) {
      throw new IllegalArgumentException("a key has 1 to 255 visible ASCII characters");
    }
    return new Command(path, body, idempotencyKey, version);
  }

  /**
   * The same without a key, for what is safe to repeat by itself: it names its own ids, or is
   * something that workers say by their leases. It is repeated all the same.
   *
   * @throws IllegalStateException when a version is expected: a repetition would meet its own
   *     effect
   */
  public Command repeatable() {
    if (version != null) {
      throw new IllegalStateException(VERSION_NEEDS_KEY);
    }
    return new Command(path, body, null, version);
  }

  /**
   * The same, refused as {@code stale-version} unless this is the aggregate's last version.
   *
   * @throws IllegalStateException when it has no key: a repetition would meet its own effect
   */
  public Command ifMatch(long lastVersion) {
    if (key == null) {
      throw new IllegalStateException(VERSION_NEEDS_KEY);
    }
    return new Command(path, body, key, lastVersion);
  }

  Call call() {
    Call call = Call.post(path, body.getBytes(StandardCharsets.UTF_8));
    if (key != null) {
      call = call.with("Idempotency-Key", key);
    }
    return version == null ? call : call.with("If-Match", "\"" + version + "\"");
  }

  /** Where to, and nothing of what may be confidential. */
  @Override
  public String toString() {
    return "POST " + path;
  }
}

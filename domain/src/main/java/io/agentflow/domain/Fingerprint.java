package io.agentflow.domain;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first eight bytes of a SHA-256 over what was recorded: enough to tell a repetition from a
 * contradiction without keeping the content.
 */
public record Fingerprint(long bits) {

  /** Length-prefixed, so that moving a character from one field to the next is seen. */
  public static Fingerprint of(@Nullable Object... fields) {
    return new Fingerprint(ByteBuffer.wrap(sha256(Arrays.asList(fields))).getLong());
  }

  /** All 32 bytes in hexadecimal, where contradictions could be made on purpose. */
  public static String sha256Hex(List<@Nullable Object> fields) {
    return HexFormat.of().formatHex(sha256(fields));
  }

  private static byte[] sha256(List<@Nullable Object> fields) {
    MessageDigest digest = sha256();
    for (Object field : fields) {
      byte[] bytes = String.valueOf(field).getBytes(StandardCharsets.UTF_8);
      digest.update(
          ByteBuffer.allocate(Integer.BYTES).putInt(field == null ? -1 : bytes.length).flip());
      digest.update(bytes);
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

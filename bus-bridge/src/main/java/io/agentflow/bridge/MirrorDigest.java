package io.agentflow.bridge;

import io.agentflow.eventstore.Hash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;

/**
 * SHA-256 over messages in their order. Of each message it takes lines that end with a line feed:
 * the subject; each header as {@code name: value}, by name, without those of the transport ({@code
 * Nats-…} other than {@code Nats-Msg-Id}); the SHA-256 of the body in hex; an empty line.
 */
final class MirrorDigest {

  private static final HexFormat HEX = HexFormat.of();

  private final MessageDigest digest;

  MirrorDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  void add(String subject, SortedMap<String, String> headers, byte[] body) {
    StringBuilder lines = new StringBuilder(subject).append('\n');
    for (Map.Entry<String, String> header : headers.entrySet()) {
      lines.append(header.getKey()).append(": ").append(header.getValue()).append('\n');
    }
    lines.append(Hash.sha256(body).hex()).append("\n\n");
    digest.update(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Of all that was added; to be asked once. */
  String hex() {
    return HEX.formatHex(digest.digest());
  }
}

package io.agentflow.eventstore;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 digest: 32 bytes that compare by value and print as lower-case hex. */
public final class Hash {

  public static final int LENGTH_BYTES = 32;

  /** What a tenant's first entry names as the hash before it: 32 zero bytes. */
  public static final Hash GENESIS = new Hash(new byte[LENGTH_BYTES]);

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A hash of these bytes, which are copied.
   *
   * @throws IllegalArgumentException unless there are exactly 32 bytes
   */
  public static Hash of(byte[] bytes) {
    if (bytes.length != LENGTH_BYTES) {
      throw new IllegalArgumentException("a SHA-256 hash has 32 bytes, these are " + bytes.length);
    }
    return new Hash(bytes.clone());
  }

  /**
   * Reads the form that {@link #hex} prints.
   *
   * @throws IllegalArgumentException unless the text is 64 hex digits
   */
  public static Hash ofHex(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** The SHA-256 digest of these bytes, one part after the other. */
  public static Hash sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return new Hash(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  public String hex() {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return hex();
  }
}

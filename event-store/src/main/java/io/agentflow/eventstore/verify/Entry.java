package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.Hash;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * An entry as a source shows it, one after the other in the same object: millions pass, and none
 * shall leave anything behind.
 */
abstract class Entry {

  static final int HASH_BYTES = Hash.LENGTH_BYTES;

  long tenantPosition;
  long position;

  /** What the entry names as the hash before it. */
  final byte[] prevHash = new byte[HASH_BYTES];

  /** The hash that is stored with the entry. */
  final byte[] hash = new byte[HASH_BYTES];

  /** Whether it is this tenant's, named as {@link #tenant} names it. */
  abstract boolean isOf(byte[] tenant);

  /** The tenant in the bytes of the source. */
  abstract byte[] tenant();

  abstract String tenantId();

  /** As the source has it; null when it has none. */
  abstract @Nullable String eventId();

  /** Derives the hash again: null when it is the stored one, and the record is one record. */
  abstract @Nullable Finding alteration();

  /** What is left of it when the next one comes. */
  final Place place() {
    return new Place(tenantPosition, position, eventId(), Hash.of(prevHash));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Ends the digest into the bytes of a hash, so that none are made anew. */
  static void digest(MessageDigest sha256, byte[] target) {
    try {
      sha256.digest(target, 0, HASH_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 has 32 bytes", e);
    }
  }

  final Finding altered(String message, String expected, String found) {
    return new Finding(
        Finding.Kind.ALTERED_ENTRY, tenantPosition, position, eventId(), message, expected, found);
  }

  /**
   * Where an entry stands and what it follows.
   *
   * @param prevHash its own
   */
  record Place(long tenantPosition, long position, @Nullable String eventId, Hash prevHash) {}
}

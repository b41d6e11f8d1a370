package io.agentflow.application;

import org.jspecify.annotations.Nullable;

/** The aggregate is not at the version that the caller had seen; nothing was decided. */
public final class StaleVersion extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Under this key the expected version travels in a command's metadata. */
  public static final String EXPECTED = "expectedVersion";

  private final long version;

  /**
   * A refusal.
   *
   * @param version the sequence number of the aggregate's last event; null when it has none
   */
  public StaleVersion(@Nullable String aggregateId, long expected, @Nullable Long version) {
    super(
        version == null
            ? "it does not exist yet, and was expected at version %d".formatted(expected)
            : "%s is at version %d, not at %d; read it again"
                .formatted(aggregateId, version, expected));
    this.version = version == null ? -1 : version;
  }

  public long version() {
    return version;
  }
}

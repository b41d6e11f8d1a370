package io.agentflow.eventstore.postgres;

import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogTail;
import javax.sql.DataSource;

/** The same writer without its hashing, to measure what that costs. Its log never verifies. */
public final class UnhashedLog {

  private UnhashedLog() {}

  /** A writer that puts one and the same hash everywhere. */
  public static LogWriter writer(DataSource dataSource) {
    return new LogWriter(
        dataSource,
        LogWriterSettings.DEFAULT,
        new LogTail(),
        (entry, prevHash, tenantPosition) -> Hash.GENESIS);
  }
}

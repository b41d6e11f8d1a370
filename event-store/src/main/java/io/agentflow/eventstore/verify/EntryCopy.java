package io.agentflow.eventstore.verify;

import io.agentflow.eventstore.verify.StoredEntry.UnexpectedForm;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads a range's entries, in order, by PostgreSQL's binary COPY: one message a row, parsed where
 * it lies. A result set costs several objects a row and column and is many times slower.
 */
final class EntryCopy implements AutoCloseable {

  private static final int SIGNATURE_BYTES = 11;
  private static final int FLAGS_BYTES = 4;
  private static final int ROWS_END = -1;

  private final Connection connection;
  private final CopyOut copy;
  private final StoredEntry entry;
  private boolean begun;

  /**
   * Begins to read.
   *
   * @param entry takes one row after the other
   */
  EntryCopy(Connection connection, LogRange range, StoredEntry entry) throws SQLException {
    this.connection = connection;
    PGConnection postgres = connection.unwrap(PGConnection.class);
    this.copy =
        postgres
            .getCopyAPI()
            .copyOut(
                """
                copy (
                  select %s from log.events where %s
                  order by tenant_id, tenant_position, position
                ) to stdout (format binary)
                """
                    .formatted(String.join(", ", StoredEntry.COLUMNS), range.condition(postgres)));
    this.entry = entry;
  }

  /** The same object with the next row, or null behind the last. */
  @Nullable StoredEntry next() throws SQLException, UnexpectedForm {
    byte[] message = copy.readFromCopy();
    if (message == null) {
      return null;
    }
    int start = 0;
    if (!begun) {
      begun = true;
      start = SIGNATURE_BYTES + FLAGS_BYTES;
      start += Integer.BYTES + ByteBuffer.wrap(message).getInt(start);
    }
    if (ByteBuffer.wrap(message).getShort(start) == ROWS_END) {
      // Behind the end mark comes nothing; reading it lets the connection end the copy.
      if (copy.readFromCopy() != null) {
        throw new UnexpectedForm();
      }
      return null;
    }
    entry.read(message, start);
    return entry;
  }

  /**
   * Ends the connection when it was not read to its end. To cancel the copy instead would leave the
   * driver and the server in disagreement over what is answered next.
   */
  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      connection.abort(Runnable::run);
    }
  }
}

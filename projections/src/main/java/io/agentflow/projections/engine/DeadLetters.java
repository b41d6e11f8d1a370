package io.agentflow.projections.engine;

import io.agentflow.domain.EventName;
import io.agentflow.projections.Recorded;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * {@code views.dead_letters}: the events that broke projections. The log has the events themselves;
 * here stands where an aggregate's way into the tables was left. So a letter costs the others
 * nothing, and nothing is kept twice.
 */
final class DeadLetters {

  /** So many aggregates may be set aside by a projection; then it stands still, and says so. */
  static final int AGGREGATES_MAX = 1_000;

  private static final int CAUSE_CHARS_MAX = 500;

  private final JdbcClient db;

  DeadLetters(JdbcClient db) {
    this.db = db;
  }

  /** A letter's key and where it stands. */
  record At(String processor, String aggregateId, String tenantId, long position) {}

  /**
   * The aggregates that a processor has set aside; none comes back before this transaction ends.
   */
  Set<String> aggregates(String processor) {
    return new HashSet<>(
        db.sql("select aggregate_id from views.dead_letters where processor = :p for share")
            .param("p", processor)
            .query(String.class)
            .list());
  }

  /** Sets an aggregate aside, from this event on. */
  void add(
      String processor,
      String aggregateId,
      Recorded recorded,
      Class<?> eventType,
      Throwable cause) {
    db.sql(
            """
            insert into views.dead_letters (
              processor, aggregate_id, tenant_id, position, sequence_number, event_type, cause,
              attempts, first_failed_at, last_failed_at)
            values (:p, :id, :tenantId, :position, :sequence, :type, :cause, 1, now(), now())
            """)
        .param("p", processor)
        .param("id", aggregateId)
        .param("tenantId", recorded.tenantId())
        .param("position", recorded.position())
        .param("sequence", recorded.version())
        .param("type", spokenName(eventType))
        .param("cause", words(cause))
        .update();
  }

  /** The event was tried again, or one behind it, and broke. */
  void failedAgain(At letter, Recorded recorded, Class<?> eventType, Throwable cause) {
    db.sql(
            """
            update views.dead_letters
            set position = :position, sequence_number = :sequence, event_type = :type,
                cause = :cause, attempts = attempts + 1, last_failed_at = now()
            where processor = :p and aggregate_id = :id
            """)
        .param("p", letter.processor())
        .param("id", letter.aggregateId())
        .param("position", recorded.position())
        .param("sequence", recorded.version())
        .param("type", spokenName(eventType))
        .param("cause", words(cause))
        .update();
  }

  /** The letter, locked: no batch goes on before this transaction ends. */
  Optional<At> lock(String processor, String aggregateId) {
    return db.sql(
            """
            select processor, aggregate_id, tenant_id, position from views.dead_letters
            where processor = :p and aggregate_id = :id for update
            """)
        .param("p", processor)
        .param("id", aggregateId)
        .query(At.class)
        .optional();
  }

  void remove(At letter) {
    db.sql("delete from views.dead_letters where processor = :p and aggregate_id = :id")
        .param("p", letter.processor())
        .param("id", letter.aggregateId())
        .update();
  }

  /** How many there are of a processor. */
  long count(String processor) {
    return db.sql("select count(*) from views.dead_letters where processor = :p")
        .param("p", processor)
        .query(Long.class)
        .single();
  }

  /** All of a processor, in the log's order. */
  List<DeadLetter> list(String processor) {
    return db.sql(
            """
            select d.*, (select count(*) from log.events e
                         where e.aggregate_id = d.aggregate_id
                           and e.sequence_number >= d.sequence_number) as waiting
            from views.dead_letters d where processor = :p order by position
            """)
        .param("p", processor)
        .query(DeadLetters::letter)
        .list();
  }

  private static DeadLetter letter(ResultSet row, int number) throws SQLException {
    return new DeadLetter(
        row.getString("processor"),
        row.getString("tenant_id"),
        row.getString("aggregate_id"),
        row.getLong("position"),
        row.getLong("sequence_number"),
        row.getString("event_type"),
        row.getLong("waiting"),
        row.getString("cause"),
        row.getInt("attempts"),
        row.getObject("first_failed_at", OffsetDateTime.class).toInstant(),
        row.getObject("last_failed_at", OffsetDateTime.class).toInstant());
  }

  private static String spokenName(Class<?> eventType) {
    EventName name = eventType.getAnnotation(EventName.class);
    return name == null ? eventType.getSimpleName() : name.value();
  }

  /** The innermost cause says most; it may have characters that no text column takes. */
  private static String words(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String words =
        (cause.getClass().getSimpleName() + ": " + cause.getMessage())
            .replace('\u0000', ' ')
            .lines()
            .findFirst()
            .orElse("");
    return words.length() <= CAUSE_CHARS_MAX ? words : words.substring(0, CAUSE_CHARS_MAX);
  }
}

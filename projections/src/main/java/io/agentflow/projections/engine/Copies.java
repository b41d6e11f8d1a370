package io.agentflow.projections.engine;

import io.agentflow.projections.Projection;
import io.agentflow.projections.TableKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code views.copies}: which projections are built again beside the tables that are asked, and how
 * those change places. Names and tokens change in one transaction; whoever is writing then finds
 * its token gone and begins anew behind the other one.
 */
final class Copies {

  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

  /** Readers wait no longer than this for the lock under which names change. */
  private static final Duration LOCK_WITHIN = Duration.ofMillis(50);

  /** So long a moment is looked for at which the copy is as far as what is asked. */
  private static final Duration CHANGE_WITHIN = Duration.ofSeconds(10);

  private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(3);

  private final JdbcClient db;
  private final TransactionTemplate transaction;

  Copies(JdbcClient db, PlatformTransactionManager transactions) {
    this.db = db;
    this.transaction = new TransactionTemplate(transactions);
  }

  /**
   * A copy of a projection's tables.
   *
   * @param targetPosition where the log ended when it was begun
   * @param switchedAt when it changed places last
   */
  record Standing(
      String projection,
      Copy copy,
      Instant startedAt,
      long targetPosition,
      @Nullable Instant switchedAt) {}

  List<Standing> all() {
    return db.sql("select * from views.copies").query(Copies::standing).list();
  }

  Optional<Standing> of(Projection<?> projection) {
    return db.sql("select * from views.copies where projection = :name")
        .param("name", projection.name())
        .query(Copies::standing)
        .optional();
  }

  private static Standing standing(ResultSet row, int number) throws SQLException {
    OffsetDateTime switchedAt = row.getObject("switched_at", OffsetDateTime.class);
    return new Standing(
        row.getString("projection"),
        row.getString("copy").equals("next") ? Copy.NEXT : Copy.PREVIOUS,
        row.getObject("started_at", OffsetDateTime.class).toInstant(),
        row.getLong("target_position"),
        switchedAt == null ? null : switchedAt.toInstant());
  }

  /**
   * Creates empty tables that are filled from the log's beginning.
   *
   * @throws ProjectionRefused when there is a copy already
   */
  void begin(Projection<?> projection) {
    transaction.executeWithoutResult(
        status -> {
          try {
            db.sql(
                    """
                    insert into views.copies (projection, copy, started_at, target_position)
                    select :name, 'next', now(), position from log.head
                    """)
                .param("name", projection.name())
                .update();
          } catch (DataIntegrityViolationException e) {
            throw new ProjectionRefused(
                projection.name() + " has a copy already; discard it to begin another");
          }
          forget(projection, Copy.NEXT);
          projection
              .tables()
              .forEach(
                  table ->
                      db.sql("select views.create_copy(:table)")
                          .param("table", table.table())
                          .query((row, number) -> table)
                          .single());
        });
  }

  /** What is left of an earlier copy under this name. */
  private void forget(Projection<?> projection, Copy copy) {
    for (String table : List.of("views.token_entry", "views.dead_letters")) {
      db.sql("delete from %s where %s = :p".formatted(table, nameColumn(table)))
          .param("p", copy.processor(projection))
          .update();
    }
  }

  private static String nameColumn(String table) {
    return table.equals("views.token_entry") ? "processor_name" : "processor";
  }

  /**
   * The copy is asked from now on, and what was asked is kept beside it.
   *
   * @return how long readers may have waited
   * @throws ProjectionRefused when there is no copy of this kind, or when it does not come as far
   *     as what is asked within ten seconds
   */
  Duration change(Projection<?> projection, Copy from) {
    Copy to = from == Copy.NEXT ? Copy.PREVIOUS : Copy.NEXT;
    long deadlineNanos = System.nanoTime() + CHANGE_WITHIN.toNanos();
    while (true) {
      if (of(projection).filter(standing -> standing.copy() == from).isEmpty()) {
        throw new ProjectionRefused(
            from == Copy.NEXT
                ? projection.name() + " has no copy to switch to; begin a rebuild"
                : projection.name() + " has no previous tables to go back to");
      }
      try {
        Duration took = transaction.execute(status -> tryToChange(projection, from, to));
        if (took != null) {
          LOG.warn("{} is asked from another copy of its tables now", projection.name());
          return took;
        }
      } catch (CannotAcquireLockException e) {
        LOG.debug("{} is being read or written; trying again", projection.name(), e);
      }
      if (System.nanoTime() > deadlineNanos) {
        throw new ProjectionRefused(
            "the copy of %s is not as far as its tables; see how far it is, and try again"
                .formatted(projection.name()));
      }
      LockSupport.parkNanos(LOOK_AGAIN_AFTER.toNanos());
    }
  }

  /** First the tokens, then the tables: as a batch takes them. */
  private @Nullable Duration tryToChange(Projection<?> projection, Copy from, Copy to) {
    db.sql("set local lock_timeout = " + LOCK_WITHIN.toMillis()).update();
    if (lockedPosition(projection, from) < lockedPosition(projection, Copy.LIVE)) {
      return null;
    }
    long startNanos = System.nanoTime();
    db.sql("select views.change_places(:tables, :from, :to)")
        .param("tables", projection.tables().stream().map(TableKey::table).toArray(String[]::new))
        .param("from", from.schema())
        .param("to", to.schema())
        .query((row, number) -> "")
        .single();
    forget(projection, to);
    rename(projection, Copy.LIVE, to);
    rename(projection, from, Copy.LIVE);
    db.sql("update views.copies set copy = :copy, switched_at = now() where projection = :name")
        .param("copy", to == Copy.NEXT ? "next" : "previous")
        .param("name", projection.name())
        .update();
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private long lockedPosition(Projection<?> projection, Copy copy) {
    return db.sql(
            """
            select coalesce((convert_from(token, 'UTF8')::jsonb ->> 'globalIndex')::bigint, 0)
            from views.token_entry where processor_name = :name for update
            """)
        .param("name", copy.processor(projection))
        .query(Long.class)
        .optional()
        .orElse(-1L);
  }

  /** Nobody has the token then: whoever had it writes no more before it has read it again. */
  private void rename(Projection<?> projection, Copy from, Copy to) {
    db.sql(
            """
            update views.token_entry set processor_name = :to, owner = null
            where processor_name = :from
            """)
        .param("from", from.processor(projection))
        .param("to", to.processor(projection))
        .update();
    db.sql("update views.dead_letters set processor = :to where processor = :from")
        .param("from", from.processor(projection))
        .param("to", to.processor(projection))
        .update();
  }

  /**
   * Drops the copy, whichever it is.
   *
   * @throws ProjectionRefused when there is none
   */
  void discard(Projection<?> projection) {
    transaction.executeWithoutResult(
        status -> {
          if (db.sql("delete from views.copies where projection = :name")
                  .param("name", projection.name())
                  .update()
              == 0) {
            throw new ProjectionRefused(projection.name() + " has no copy");
          }
          forget(projection, Copy.NEXT);
          forget(projection, Copy.PREVIOUS);
          projection
              .tables()
              .forEach(
                  table ->
                      db.sql("select views.drop_copy(:table)")
                          .param("table", table.table())
                          .query((row, number) -> table)
                          .single());
        });
  }
}

package io.agentflow.projections;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;

/**
 * How a table answers as of a position of the log that it has passed. A row that has not changed
 * since says what it said; one that has is folded again from what its aggregate did until then; one
 * that came later was not there. So an answer costs what those rows did until then that have
 * changed since, however long the log is.
 *
 * <p>Rows of the past come back to the database as JSON, so that the same conditions and mapper
 * make answers of them as of the table's.
 */
record PastRows<T>(
    TenantReads reads,
    Projection<?> projection,
    RowMapper<T> mapper,
    ToLongFunction<T> createdPosition) {

  /** So many rows are looked at for one page; then it ends, however many it has. */
  static final int ROWS_A_PAGE = 5_000;

  /** So many entries, and what is left of the last row, are folded for one page; likewise. */
  static final int ENTRIES_A_PAGE = 100_000;

  private static final int ROWS_A_READ = 200;

  /** At most so many entries at once, unless one row alone has more. */
  private static final long ENTRIES_A_READ = 10_000;

  /**
   * A row of the table as it is now, which was there then.
   *
   * @param entries so many events it has seen by now
   * @param unchanged the row as JSON; null when it has changed since
   */
  private record Candidate(
      String id, long createdPosition, long entries, @Nullable String unchanged) {

    long entriesToFold() {
      return unchanged == null ? entries : 0;
    }
  }

  /** Rows as they were, and what it took to know that. */
  private record Found<T>(List<T> rows, long foldedEntries) {}

  /** A page of those of the tenant's rows that were wanted then. */
  Page<T> page(String tenantId, PageRequest page, long asOf, Filter filter) {
    List<T> rows = new ArrayList<>();
    long before = page.before();
    long lookedAt = 0;
    long folded = 0;
    while (lookedAt < ROWS_A_PAGE && folded < ENTRIES_A_PAGE) {
      boolean allWanted = rows.size() == lookedAt;
      int fetch = allWanted ? page.fetch() - rows.size() : ROWS_A_READ;
      List<Candidate> candidates = candidates(tenantId, asOf, before, filter, fetch);
      List<Candidate> first = affordable(candidates);
      Found<T> found = asTheyWere(tenantId, first, asOf, filter);
      rows.addAll(found.rows());
      boolean isLast = first.size() == candidates.size() && first.size() < fetch;
      if (isLast || rows.size() > page.limit()) {
        return Page.of(rows, page, createdPosition);
      }
      lookedAt += first.size();
      folded += found.foldedEntries();
      before = first.getLast().createdPosition();
    }
    return new Page<>(rows, page.cursorBehind(before));
  }

  /** The first of them that can be folded at once: one at least. */
  private static List<Candidate> affordable(List<Candidate> candidates) {
    long entries = 0;
    for (int i = 0; i < candidates.size(); i++) {
      entries += candidates.get(i).entriesToFold();
      if (i > 0 && entries > ENTRIES_A_READ) {
        return candidates.subList(0, i);
      }
    }
    return candidates;
  }

  /**
   * The tenant's row with this id, as it was.
   *
   * @throws RowNotFound when it was not there
   */
  T get(String tenantId, String what, String id, long asOf) {
    Candidate candidate =
        candidate(tenantId, id, asOf).orElseThrow(() -> new RowNotFound(what, id));
    if (candidate.createdPosition() > asOf) {
      throw RowNotFound.yet(what, id, asOf, candidate.createdPosition());
    }
    return asTheyWere(tenantId, List.of(candidate), asOf, new Filter()).rows().getFirst();
  }

  private TableKey key() {
    return projection.tables().getFirst();
  }

  private List<Candidate> candidates(
      String tenantId, long asOf, long before, Filter filter, int fetch) {
    return reads
        .db()
        .sql(
            select(
                """
                tenant_id = :tenantId and created_position < :before%s
                order by created_position desc limit :fetch
                """
                    .formatted(filter.unchangingConditions())))
        .params(filter.parameters())
        .param("tenantId", tenantId)
        .param("before", Math.min(before, asOf + 1))
        .param("fetch", fetch)
        .param("asOf", asOf)
        .query(PastRows::candidate)
        .list();
  }

  private Optional<Candidate> candidate(String tenantId, String id, long asOf) {
    return reads
        .db()
        .sql(
            // The tenant is an expression for the same reason as in the table's own query.
            select(
                "%s = :id and tenant_id || '' = :tenantId".formatted(key().columns().getFirst())))
        .param("tenantId", tenantId)
        .param("id", id)
        .param("asOf", asOf)
        .query(PastRows::candidate)
        .optional();
  }

  private String select(String conditions) {
    return """
        select %1$s as id, created_position, version + 1 as entries,
          case when position <= :asOf then to_jsonb(t) end as unchanged
        from views.%2$s t where %3$s
        """
        .formatted(key().columns().getFirst(), key().table(), conditions);
  }

  private static Candidate candidate(ResultSet row, int number) throws SQLException {
    return new Candidate(
        row.getString("id"),
        row.getLong("created_position"),
        row.getLong("entries"),
        row.getString("unchanged"));
  }

  private Found<T> asTheyWere(
      String tenantId, List<Candidate> candidates, long asOf, Filter filter) {
    FoldedRows folded = new FoldedRows(projection);
    long entries = 0;
    for (Candidate candidate : candidates) {
      if (candidate.unchanged() == null) {
        entries += fold(tenantId, candidate.id(), asOf, folded);
      }
    }
    return new Found<>(
        reads
            .db()
            .sql(
                """
                select t.* from jsonb_populate_recordset(
                  null::views.%s, cast(:unchanged as jsonb) || cast(:folded as jsonb)) t
                where tenant_id = :tenantId%s
                order by created_position desc
                """
                    .formatted(key().table(), filter.conditions()))
            .params(filter.parameters())
            .param("tenantId", tenantId)
            .param("unchanged", unchanged(candidates))
            .param("folded", folded.json(key().table()))
            .query(mapper)
            .list(),
        entries);
  }

  private static String unchanged(List<Candidate> candidates) {
    return candidates.stream()
        .map(Candidate::unchanged)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private long fold(String tenantId, String aggregateId, long asOf, FoldedRows rows) {
    Iterator<? extends TrackedEventMessage<?>> events =
        reads.past().events().of(tenantId, aggregateId, 0, asOf).iterator();
    long entries = 0;
    while (events.hasNext()) {
      TrackedEventMessage<?> event = events.next();
      if (projection.hears(event.getPayloadType())) {
        projection.apply(event.getPayload(), Recorded.of(event), rows);
      }
      entries++;
    }
    return entries;
  }
}

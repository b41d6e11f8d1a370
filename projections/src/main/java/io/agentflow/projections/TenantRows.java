package io.agentflow.projections;

import io.agentflow.domain.Moment;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;

/**
 * How each table answers a tenant: one row by its id, or a page, newest first. Each table has the
 * columns {@code tenant_id} and {@code created_position}.
 *
 * @param projection what fills the table, its first, and has to have passed the position that is
 *     asked for
 * @param what a row in one word, for people
 */
public record TenantRows<T>(
    TenantReads reads,
    Projection<?> projection,
    String what,
    RowMapper<T> mapper,
    ToLongFunction<T> createdPosition) {

  private TableKey key() {
    return projection.tables().getFirst();
  }

  private String table() {
    return "views." + key().table();
  }

  private PastRows<T> past() {
    return new PastRows<>(reads, projection, mapper, createdPosition);
  }

  /**
   * A page of those of the tenant's rows that are wanted, or were as of a point of the past.
   *
   * @param asOf a position of the log or a time; null for now
   * @throws io.agentflow.domain.InvalidField for a limit, cursor or point of the past that is none
   * @throws Freshness.ProjectionBehind when the table does not reach the positions in time
   */
  public Page<T> page(
      String tenantId,
      int limit,
      @Nullable String cursor,
      @Nullable Long consistentWith,
      @Nullable String asOf,
      Filter filter) {
    Moment moment = Moment.read(Past.PARAMETER, asOf);
    if (moment == null) {
      return page(tenantId, limit, cursor, consistentWith, filter);
    }
    reads.freshness().await(projection.name(), consistentWith);
    PageRequest page =
        PageRequest.asOf(moment, reads.past(), tenantId, projection.name(), limit, cursor);
    long position = Objects.requireNonNull(page.asOf());
    reads.freshness().await(projection.name(), position);
    return past().page(tenantId, page, position, filter);
  }

  /**
   * A page of those of the tenant's rows that are wanted.
   *
   * @throws io.agentflow.domain.InvalidField for a limit or cursor that is none
   * @throws Freshness.ProjectionBehind when the table does not reach the position in time
   */
  public Page<T> page(
      String tenantId,
      int limit,
      @Nullable String cursor,
      @Nullable Long consistentWith,
      Filter filter) {
    PageRequest page = PageRequest.of(projection.name(), limit, cursor);
    reads.freshness().await(projection.name(), consistentWith);
    return Page.of(
        reads
            .db()
            .sql(
                """
                select * from %s
                where tenant_id = :tenantId and created_position < :before%s
                order by created_position desc limit :fetch
                """
                    .formatted(table(), filter.conditions()))
            .params(filter.parameters())
            .param("tenantId", tenantId)
            .param("before", page.before())
            .param("fetch", page.fetch())
            .query(mapper)
            .list(),
        page,
        createdPosition);
  }

  /**
   * The tenant's row with this id.
   *
   * @throws RowNotFound when the tenant has none
   * @throws Freshness.ProjectionBehind when the table does not reach the position in time
   */
  public T get(String tenantId, String id, @Nullable Long consistentWith) {
    reads.freshness().await(projection.name(), consistentWith);
    // The tenant is an expression: no index on it is taken for the key's while a table is new.
    return reads
        .db()
        .sql(
            "select * from %s where %s = :id and tenant_id || '' = :tenantId"
                .formatted(table(), key().columns().getFirst()))
        .param("tenantId", tenantId)
        .param("id", id)
        .query(mapper)
        .optional()
        .orElseThrow(() -> new RowNotFound(what, id));
  }

  /**
   * The tenant's row with this id, or what it was as of a point of the past.
   *
   * @param asOf a position of the log or a time; null for now
   * @throws RowNotFound when the tenant has none, or had none then
   * @throws io.agentflow.domain.InvalidField for a point of the past that is none
   * @throws Freshness.ProjectionBehind when the table does not reach the positions in time
   */
  public T get(String tenantId, String id, @Nullable Long consistentWith, @Nullable String asOf) {
    Moment moment = Moment.read(Past.PARAMETER, asOf);
    if (moment == null) {
      return get(tenantId, id, consistentWith);
    }
    reads.freshness().await(projection.name(), consistentWith);
    long position = reads.past().position(tenantId, moment);
    reads.freshness().await(projection.name(), position);
    return past().get(tenantId, what, id, position);
  }
}

package io.agentflow.projections.message;

import io.agentflow.domain.Cursor;
import io.agentflow.domain.workflow.Role;
import io.agentflow.domain.workflow.WorkflowEvent.MessageRecorded;
import io.agentflow.projections.Freshness;
import io.agentflow.projections.Page;
import io.agentflow.projections.PageRequest;
import io.agentflow.projections.Projection;
import io.agentflow.projections.Recorded;
import io.agentflow.projections.SearchText;
import io.agentflow.projections.Snippet;
import io.agentflow.projections.TableKey;
import io.agentflow.projections.Tables;
import io.agentflow.projections.TenantReads;
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code views.messages}: one row a message, answering {@code GET /v1/workflows/{id}/messages} and,
 * by the words in it, {@code GET /v1/messages}.
 */
@RestController
public class MessageTable {

  public static final Projection<MessageRecorded> PROJECTION =
      new Projection<>(
          "messages",
          MessageRecorded.class,
          MessageTable::fold,
          new TableKey("messages", "workflow_id", "message_id"));

  private static final String FOUND = "messages/found";
  private static final long BEFORE_THE_FIRST = -1;

  private final TenantReads reads;
  private final WorkflowTable workflows;

  public MessageTable(TenantReads reads, WorkflowTable workflows) {
    this.reads = reads;
    this.workflows = workflows;
  }

  private static void fold(MessageRecorded said, Recorded recorded, Tables tables) {
    tables
        .rows("messages")
        .add(
            recorded,
            row ->
                row.set("role", said.role())
                    .set("sender", said.from())
                    .set("recipient", said.to())
                    .set("content", said.content())
                    .set("tokens", said.tokens())
                    .set("micro_dollars", said.microDollars()),
            said.workflowId(),
            said.messageId());
  }

  /** Lists what was said in a workflow, in the order in which it was recorded. */
  @GetMapping("/v1/workflows/{workflowId}/messages")
  public Page<MessageRow> listWorkflowMessages(
      @RequestAttribute String tenantId,
      @PathVariable String workflowId,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    PageRequest page = PageRequest.of(PROJECTION.name(), limit, null);
    long after = Cursor.key(PROJECTION.name(), cursor, BEFORE_THE_FIRST);
    workflows.get(tenantId, workflowId, null, consistentWith);
    reads.freshness().await(PROJECTION.name(), consistentWith);
    return Page.of(
        reads
            .db()
            .sql(
                """
                select workflow_id, message_id, role, sender, recipient, content, tokens,
                  micro_dollars, version, created_position, created_at
                from views.messages
                where workflow_id = :id and created_position > :after
                order by created_position limit :fetch
                """)
            .param("id", workflowId)
            .param("after", after)
            .param("fetch", page.fetch())
            .query(MessageTable::row)
            .list(),
        page,
        MessageRow::position);
  }

  /**
   * Finds messages by their words, newest first.
   *
   * @param text words that a message has to have, all of them; `"these words"` one behind the
   *     other, `-not` these, `or` between two of which one will do
   * @param workflowId only those of this workflow
   * @param role only those in this voice: system, user, assistant or tool
   */
  @GetMapping("/v1/messages")
  public Page<FoundMessage> findMessages(
      @RequestAttribute String tenantId,
      @RequestParam String text,
      @RequestParam(required = false) @Nullable String workflowId,
      @RequestParam(required = false) @Nullable String role,
      @RequestParam(defaultValue = PageRequest.LIMIT_DEFAULT) int limit,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestHeader(name = Freshness.HEADER, required = false) @Nullable Long consistentWith) {
    SearchText wanted = SearchText.of("text", text);
    String voice = role == null ? null : Role.of(role).word();
    PageRequest page = PageRequest.of(FOUND, limit, cursor);
    reads.freshness().await(PROJECTION.name(), consistentWith);
    return Page.of(find(reads.db(), wanted, workflowId, voice, page), page, FoundMessage::position);
  }

  /** The function says which; the rows themselves are read as the tenant. */
  private static List<FoundMessage> find(
      JdbcClient db,
      SearchText wanted,
      @Nullable String workflowId,
      @Nullable String role,
      PageRequest page) {
    return db.sql(
            """
            select m.workflow_id, m.message_id, m.role, m.sender, m.recipient, m.version,
              m.created_position, m.created_at, left(m.content, 50000) as searched
            from views.messages_with(
              :query, cast(:workflowId as text), cast(:role as text), :before, :fetch) found
            join views.messages m
              on m.workflow_id = found.workflow_id and m.message_id = found.message_id
            order by m.created_position desc
            """)
        .param("query", wanted.query())
        .param("workflowId", workflowId)
        .param("role", role)
        .param("before", page.before())
        .param("fetch", page.fetch())
        .query((row, number) -> found(row, wanted.words()))
        .list();
  }

  private static MessageRow row(ResultSet row, int number) throws SQLException {
    return new MessageRow(
        row.getString("workflow_id"),
        row.getString("message_id"),
        row.getString("role"),
        row.getString("sender"),
        row.getString("recipient"),
        row.getString("content"),
        row.getLong("tokens"),
        row.getLong("micro_dollars"),
        row.getLong("version"),
        row.getLong("created_position"),
        createdAt(row));
  }

  private static FoundMessage found(ResultSet row, Set<String> words) throws SQLException {
    return new FoundMessage(
        row.getString("workflow_id"),
        row.getString("message_id"),
        row.getString("role"),
        row.getString("sender"),
        row.getString("recipient"),
        Snippet.of(row.getString("searched"), words).parts(),
        row.getLong("version"),
        row.getLong("created_position"),
        createdAt(row));
  }

  private static Instant createdAt(ResultSet row) throws SQLException {
    return row.getObject("created_at", OffsetDateTime.class).toInstant();
  }
}

package io.agentflow.projections;

import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.projections.approval.ApprovalTable;
import io.agentflow.projections.step.StepTable;
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.axonframework.eventhandling.AnnotationEventHandlerAdapter;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The tables of workflows on a fresh database, in one transaction that is never committed. */
final class TestTables implements AutoCloseable {

  private final TestDatabase database = TestDatabase.create();
  private final Connection connection;
  private final JdbcClient db;
  private final WorkflowTable workflows;
  private final StepTable steps;
  private final ApprovalTable approvals;
  private final List<AnnotationEventHandlerAdapter> handlers;
  private long position;
  private @Nullable UnitOfWork<?> batch;

  TestTables() throws SQLException {
    connection = database.application().getConnection();
    connection.setAutoCommit(false);
    db = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    Freshness freshness = new Freshness(group -> position);
    workflows = new WorkflowTable(db, freshness);
    steps = new StepTable(db, freshness, workflows);
    approvals = new ApprovalTable(db, freshness, workflows);
    handlers =
        List.of(
            new AnnotationEventHandlerAdapter(workflows),
            new AnnotationEventHandlerAdapter(steps),
            new AnnotationEventHandlerAdapter(approvals));
  }

  WorkflowTable workflows() {
    endBatch();
    return workflows;
  }

  StepTable steps() {
    endBatch();
    return steps;
  }

  ApprovalTable approvals() {
    endBatch();
    return approvals;
  }

  /** A workflow that nothing has happened to yet. */
  ProjectedWorkflow workflow(String tenantId) {
    return new ProjectedWorkflow(this, tenantId, new WorkflowId(UUID.randomUUID().toString()));
  }

  long nextPosition() {
    return ++position;
  }

  /** In the batch that is open, or in a new one. */
  void project(TrackedEventMessage<WorkflowEvent> message) {
    if (batch == null) {
      batch = DefaultUnitOfWork.startAndGet(message);
    }
    for (AnnotationEventHandlerAdapter handler : handlers) {
      try {
        handler.handle(message);
      } catch (Exception e) {
        throw new IllegalStateException("cannot project " + message.getPayload(), e);
      }
    }
  }

  /** What was projected is in the tables. */
  void endBatch() {
    if (batch != null) {
      batch.commit();
      batch = null;
    }
  }

  /** Forgets everything, as before a rebuild. */
  void reset() {
    endBatch();
    handlers.forEach(handler -> handler.prepareReset(null));
  }

  /** Everything that the tables hold, as text. */
  String contents() {
    endBatch();
    return db.sql(
            """
            select concat_ws(
              E'\\n',
              (select json_agg(t order by workflow_id) from views.workflows t),
              (select json_agg(t order by workflow_id, step_id) from views.steps t),
              (select json_agg(t order by workflow_id, approval_id) from views.approvals t),
              (select json_agg(t order by workflow_id, plan_version) from views.plans t))
            """)
        .query(String.class)
        .single();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    database.close();
  }
}

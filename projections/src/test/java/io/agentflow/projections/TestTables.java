package io.agentflow.projections;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.domain.workflow.WorkflowEvent;
import io.agentflow.domain.workflow.WorkflowId;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.projections.approval.ApprovalTable;
import io.agentflow.projections.step.StepTable;
import io.agentflow.projections.workflow.WorkflowTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The tables of workflows on a fresh database, in one transaction that is never committed. Two
 * nodes fill them in turn, and now and then a batch fails as it is committed and comes again.
 */
final class TestTables implements AutoCloseable {

  private static final int BATCHES_A_TURN = 7;
  private static final int BATCHES_A_FAILURE = 5;

  private final TestDatabase database = TestDatabase.create();
  private final Connection connection;
  private final JdbcClient db;
  private final List<Node> nodes;
  private final List<TrackedEventMessage<WorkflowEvent>> batch = new ArrayList<>();
  private long position;
  private int batches;

  TestTables() throws SQLException {
    connection = database.application().getConnection();
    connection.setAutoCommit(false);
    db = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    nodes = List.of(node(), node());
  }

  private record Filled(Projection<?> projection, TableBatches tables) {

    void project(TrackedEventMessage<WorkflowEvent> message) {
      if (projection.hears(message.getPayloadType())) {
        projection.apply(message.getPayload(), Recorded.of(message), tables);
      }
    }
  }

  private record Node(
      WorkflowTable workflows, StepTable steps, ApprovalTable approvals, List<Filled> filled) {

    void forgetRows() {
      filled.forEach(of -> of.tables().forget());
    }
  }

  private Node node() {
    TenantReads reads =
        new TenantReads(db, new Freshness(projection -> position, () -> position), NoPast.PAST);
    WorkflowTable workflows = new WorkflowTable(reads);
    return new Node(
        workflows,
        new StepTable(reads, workflows),
        new ApprovalTable(reads, workflows),
        Stream.of(WorkflowTable.PROJECTION, StepTable.PROJECTION, ApprovalTable.PROJECTION)
            .map(of -> new Filled(of, new TableBatches(of, db, "views")))
            .toList());
  }

  private Node owner() {
    return nodes.get(batches / BATCHES_A_TURN % nodes.size());
  }

  WorkflowTable workflows() {
    endBatch();
    return owner().workflows();
  }

  StepTable steps() {
    endBatch();
    return owner().steps();
  }

  ApprovalTable approvals() {
    endBatch();
    return owner().approvals();
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
    batch.add(message);
  }

  /** What was projected is in the tables. */
  void endBatch() {
    if (batch.isEmpty()) {
      return;
    }
    if (batches % BATCHES_A_TURN == 0) {
      owner().forgetRows();
    }
    if (batches % BATCHES_A_FAILURE == 0) {
      failBatch();
    }
    fill().commit();
    batch.clear();
    batches++;
  }

  private void failBatch() {
    try {
      Savepoint before = connection.setSavepoint();
      UnitOfWork<?> unit = fill();
      unit.onCommit(
          committing -> {
            throw new IllegalStateException("the database is away");
          });
      assertThatThrownBy(unit::commit).hasMessage("the database is away");
      connection.rollback(before);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private UnitOfWork<?> fill() {
    UnitOfWork<?> unit = DefaultUnitOfWork.startAndGet(batch.getFirst());
    for (TrackedEventMessage<WorkflowEvent> message : batch) {
      owner().filled().forEach(filled -> filled.project(message));
    }
    return unit;
  }

  /** Forgets everything, as before a rebuild. */
  void reset() {
    endBatch();
    nodes.forEach(Node::forgetRows);
    db.sql("truncate views.workflows, views.steps, views.plans, views.approvals").update();
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

package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** What the log and the tables say of the workflows that endured; read by SQL alone. */
final class EnduranceLog {

  /** The ends of attempts, whichever they were. */
  private static final String ENDS =
      """
      ('workflow.step-completed', 'workflow.step-failed', 'workflow.step-cancelled')
      """;

  private final DataSource database;

  EnduranceLog(DataSource database) {
    this.database = database;
  }

  private List<String> rows(String sql) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(found.getString(1));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  int count(String eventType) {
    return Integer.parseInt(
        rows("select count(*) from log.events where event_type = '%s'".formatted(eventType))
            .getFirst());
  }

  long position() {
    return Long.parseLong(rows("select position from log.head").getFirst());
  }

  /** Attempts that ended because nobody was heard of any more. */
  int leasesLost() {
    return rows("select 1 from log.events where event_type = 'workflow.step-failed'").size();
  }

  /** Of each workflow that is not over, what is not, for who looks why. */
  List<String> unfinished() {
    return rows(
        """
        select aggregate_id || ' ' || string_agg(event_type || ' ' || coalesce(payload::json->>'stepId', ''), ', ' order by position)
        from log.events where aggregate_type = 'Workflow' and aggregate_id not in
          (select aggregate_id from log.events where event_type = 'workflow.completed')
        group by aggregate_id limit 5
        """);
  }

  /** Reservations that are neither settled nor released. */
  int openReservations() {
    return rows("""
            select payload::json->>'reservationId' from log.events where event_type = 'budget.reserved'
            except
            select payload::json->>'reservationId' from log.events
            where event_type in ('budget.settled', 'budget.released')
            """)
        .size();
  }

  void everyWorkflowIsComplete(int workflows) {
    assertThat(
            rows(
                """
                select event_type from log.events where event_type in
                  ('workflow.failed', 'workflow.cancelled', 'workflow.paused')
                """))
        .isEmpty();
    assertThat(count("workflow.created")).isEqualTo(workflows);
    assertThat(count("workflow.completed")).isEqualTo(workflows);
  }

  void everyStepIsCompletedOnce(int steps) {
    assertThat(count("workflow.step-completed")).isEqualTo(steps);
    assertThat(
            rows(
                """
                select aggregate_id || ' ' || (payload::json->>'stepId') from log.events
                where event_type = 'workflow.step-completed' group by 1 having count(*) <> 1
                """))
        .as("completed more than once")
        .isEmpty();
  }

  void everyAttemptIsGivenToOneAndEndsOnce() {
    assertThat(
            rows(
                """
                with attempts as (
                  select aggregate_id, payload::json->>'stepId' as step, payload::json->>'attempt' as attempt,
                    count(*) filter (where event_type = 'workflow.step-ready') as ready,
                    count(*) filter (where event_type = 'workflow.step-assigned') as assigned,
                    count(*) filter (where event_type in %s) as ended
                  from log.events where event_type like 'workflow.step-%%' group by 1, 2, 3)
                select aggregate_id || ' ' || step || ' ' || attempt || ': ready ' || ready
                  || ', assigned ' || assigned || ', ended ' || ended
                from attempts where ready <> 1 or assigned <> 1 or ended <> 1
                """
                    .formatted(ENDS)))
        .isEmpty();
  }

  void everyReservationIsSettledOrReleasedOnce() {
    assertThat(
            rows(
                """
                with reservations as (
                  select payload::json->>'reservationId' as id,
                    count(*) filter (where event_type = 'budget.reserved') as reserved,
                    count(*) filter (where event_type in ('budget.settled', 'budget.released')) as closed
                  from log.events
                  where event_type in ('budget.reserved', 'budget.settled', 'budget.released') group by 1)
                select id || ': reserved ' || reserved || ', closed ' || closed
                from reservations where reserved <> 1 or closed <> 1
                """))
        .isEmpty();
    assertThat(
            rows(
                """
                select w.aggregate_id || ' ' || (r.payload::json->>'stepId')
                from log.events w join log.events r
                  on r.aggregate_id = w.aggregate_id and r.event_type = 'workflow.step-ready'
                where w.event_type = 'workflow.created' and w.payload::json->>'budgetId' is not null
                  and not exists (select from log.events b where b.event_type = 'budget.reserved'
                    and b.payload::json->>'reservationId' = w.aggregate_id || ':'
                      || (r.payload::json->>'stepId') || ':' || (r.payload::json->>'attempt'))
                """))
        .as("attempts with a budget and without a reservation")
        .isEmpty();
  }

  void theTableOfWorkflowsAgrees(int workflows, int steps, long tokens) {
    assertThat(
            rows(
                """
                select w.workflow_id from views.workflows w
                join (select aggregate_id, max(sequence_number) as version, max(position) as position
                      from log.events group by 1) l on l.aggregate_id = w.workflow_id
                join log.events e on e.aggregate_id = w.workflow_id and e.event_type = 'workflow.completed'
                where w.status = 'completed' and w.steps_total = %1$d and w.steps_done = %1$d
                  and w.total_tokens = %2$d and w.outcome = e.payload::json->>'result'
                  and (w.version, w.position) = (l.version, l.position)
                """
                    .formatted(steps, tokens)))
        .hasSize(workflows);
    assertThat(rows("select 1 from views.workflows")).hasSize(workflows);
  }

  void theTableOfStepsAgrees(int steps) {
    assertThat(
            rows(
                """
                select s.workflow_id from views.steps s
                join log.events c on c.aggregate_id = s.workflow_id
                  and c.event_type = 'workflow.step-completed' and c.payload::json->>'stepId' = s.step_id
                join log.events a on a.aggregate_id = s.workflow_id
                  and a.event_type = 'workflow.step-assigned' and a.payload::json->>'stepId' = s.step_id
                  and a.payload::json->>'attempt' = c.payload::json->>'attempt'
                where s.status = 'completed' and s.result = c.payload::json->>'result'
                  and s.attempt = (c.payload::json->>'attempt')::int
                  and s.tokens = (c.payload::json->>'tokens')::bigint
                  and s.agent_id = a.payload::json->>'agentId'
                """))
        .hasSize(steps);
    assertThat(rows("select 1 from views.steps")).hasSize(steps);
  }

  void theTableOfBudgetsAgrees() {
    assertThat(
            rows(
                """
                select b.budget_id || ': ' || b.spent_tokens || ' spent, ' || b.reserved_tokens
                  || ' reserved, in the log ' || coalesce(l.tokens, 0)
                from views.budgets b
                left join (select aggregate_id, sum((payload::json->>'tokens')::bigint) as tokens,
                        sum((payload::json->>'microDollars')::bigint) as micro_dollars
                      from log.events where event_type = 'budget.settled' group by 1) l
                  on l.aggregate_id = b.budget_id
                where (b.reserved_tokens, b.reserved_micro_dollars) <> (0, 0)
                  or b.spent_tokens <> coalesce(l.tokens, 0)
                  or b.spent_micro_dollars <> coalesce(l.micro_dollars, 0)
                  or b.remaining_tokens <> b.limit_tokens - b.spent_tokens
                """))
        .isEmpty();
  }
}

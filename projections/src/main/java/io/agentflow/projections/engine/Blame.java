package io.agentflow.projections.engine;

import java.sql.SQLException;
import java.util.Set;
import org.springframework.transaction.TransactionException;

/** Whether a failure is that of an event, and would come again with it. */
final class Blame {

  /**
   * Classes of SQLSTATE for what has nothing to do with the row that was written: connections,
   * transactions, conflicts, resources, rights and missing tables, interventions, the system.
   */
  private static final Set<String> NOT_THE_EVENTS =
      Set.of("08", "25", "28", "40", "42", "53", "55", "57", "58");

  private Blame() {}

  static boolean isTheEvents(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof TransactionException || cause instanceof Error) {
        return false;
      }
      if (cause instanceof SQLException refused) {
        String state = refused.getSQLState();
        return state != null
            && state.length() == 5
            && !NOT_THE_EVENTS.contains(state.substring(0, 2));
      }
    }
    return true;
  }
}

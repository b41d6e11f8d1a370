package io.agentflow.eventstore;

import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;

/**
 * The aggregate that a command is believed to begin: the log is not asked for it. Where it is there
 * after all, what is appended conflicts with its first entry, and whoever sent the command sends it
 * again without the belief.
 */
public final class BelievedNew {

  /** Under this key a command's metadata have the aggregate's id; events do not get it. */
  public static final String METADATA_KEY = BelievedNew.class.getName();

  private BelievedNew() {}

  /** Whether the command that is being carried out believes this aggregate to be new. */
  public static boolean is(String aggregateId) {
    return CurrentUnitOfWork.isStarted()
        && aggregateId.equals(
            CurrentUnitOfWork.get().root().getMessage().getMetaData().get(METADATA_KEY));
  }
}

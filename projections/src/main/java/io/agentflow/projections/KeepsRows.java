package io.agentflow.projections;

/** A table that keeps rows in memory which it has written, so that it need not read them again. */
public interface KeepsRows {

  /** Another node may have written since: what is kept counts no more. */
  void forgetRows();
}

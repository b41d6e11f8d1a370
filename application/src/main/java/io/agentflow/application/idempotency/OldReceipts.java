package io.agentflow.application.idempotency;

import io.agentflow.application.work.Chore;
import io.agentflow.eventstore.postgres.Receipts;
import java.time.Clock;
import org.springframework.stereotype.Component;

/** Forgets receipts that have expired, a thousand at a time. */
@Component
class OldReceipts implements Chore {

  private static final int AT_A_TIME = 1_000;

  private final Receipts receipts;
  private final Clock clock;

  OldReceipts(Receipts receipts, Clock clock) {
    this.receipts = receipts;
    this.clock = clock;
  }

  @Override
  public void run() {
    int forgotten = AT_A_TIME;
    while (forgotten == AT_A_TIME) {
      forgotten = receipts.forgetExpired(clock.instant(), AT_A_TIME);
    }
  }
}

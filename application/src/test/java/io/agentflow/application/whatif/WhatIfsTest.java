package io.agentflow.application.whatif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentflow.application.StoredEvents;
import io.agentflow.application.intake.Busy;
import io.agentflow.application.whatif.WhatIfJob.Status;
import io.agentflow.domain.Moment;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.domain.tenant.Scope;
import io.agentflow.domain.whatif.Rule;
import io.agentflow.eventstore.TenantLog;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What-ifs wait for their turn, are ended, and are forgotten; their log is not there yet. */
class WhatIfsTest {

  private static final Rule RULE = Rule.of(AutonomyMode.APPROVE_ALL);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The database answers no one until this is open, and then fails. */
  private final CountDownLatch database = new CountDownLatch(1);

  private final HandClock clock = new HandClock();
  private final WhatIfs whatIfs =
      new WhatIfs(
          new TenantLog(
              (DataSource)
                  Proxy.newProxyInstance(
                      getClass().getClassLoader(),
                      new Class<?>[] {DataSource.class},
                      (proxy, method, arguments) -> {
                        database.await();
                        throw new SQLException("the database is away");
                      })),
          StoredEvents.ofFiles(),
          clock);

  private static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public synchronized Instant instant() {
      return now;
    }

    private synchronized void later(Duration duration) {
      now = now.plus(duration);
    }
  }

  private WhatIfJob ask(String tenantId, String id) {
    return whatIfs.ask(
        id,
        RULE,
        new Selection(
            tenantId, Scope.TENANT, null, new Moment.AtPosition(1), "1", null, Long.MAX_VALUE));
  }

  @AfterEach
  void stop() {
    database.countDown();
    whatIfs.destroy();
  }

  @Test
  void a_tenant_waits_for_its_own_before_it_asks_more_and_not_for_others() {
    WhatIfJob first = ask("acme", "1");
    ask("acme", "2");
    assertThatExceptionOfType(Busy.class).isThrownBy(() -> ask("acme", "3"));
    ask("globex", "4");

    whatIfs.cancel(first);
    ask("acme", "5");
    for (int i = 0; i < WhatIfs.UNFINISHED_MAX - 3; i++) {
      ask("tenant-" + i, "of-another-" + i);
    }
    assertThatExceptionOfType(Busy.class).isThrownBy(() -> ask("late", "6"));
  }

  @Test
  void one_that_is_cancelled_stays_so_and_never_has_a_result() throws InterruptedException {
    WhatIfJob job = ask("acme", "1");
    assertThat(new WhatIfProblems.NoResult(job))
        .hasMessage("it is not over: 0 histories are judged");

    whatIfs.cancel(job);
    database.countDown();
    WhatIfJob behind = ask("acme", "2");
    behind.await(PATIENCE);

    assertThat(job.progress().status()).isEqualTo(Status.CANCELLED);
    assertThat(job.result()).isNull();
    assertThat(new WhatIfProblems.NoResult(job)).hasMessage("it was cancelled; ask anew");
  }

  @Test
  void one_whose_log_cannot_be_read_fails_and_says_so() throws InterruptedException {
    WhatIfJob job = ask("acme", "1");
    database.countDown();
    job.await(PATIENCE);

    assertThat(job.progress().status()).isEqualTo(Status.FAILED);
    assertThat(new WhatIfProblems.NoResult(job))
        .hasMessage("it failed: the event log could not be read on; ask again shortly");
  }

  @Test
  void one_is_found_by_its_tenant_until_its_time_is_up_or_others_need_its_place() {
    whatIfs.cancel(ask("acme", "1"));
    assertThat(whatIfs.find("globex", Scope.TENANT, "1")).isEmpty();
    assertThat(whatIfs.find("acme", new Scope("shop", null), "1")).isEmpty();
    assertThat(whatIfs.find("acme", Scope.TENANT, "1")).isPresent();

    clock.later(WhatIfs.KEPT_FOR);
    assertThat(whatIfs.find("acme", Scope.TENANT, "1")).isPresent();
    clock.later(Duration.ofMillis(1));
    assertThat(whatIfs.find("acme", Scope.TENANT, "1")).isEmpty();

    for (int i = 0; i <= WhatIfs.KEPT_OF_A_TENANT_MAX; i++) {
      whatIfs.cancel(ask("acme", "n" + i));
    }
    assertThat(whatIfs.find("acme", Scope.TENANT, "n0")).isEmpty();
    assertThat(whatIfs.find("acme", Scope.TENANT, "n1")).isPresent();
  }
}

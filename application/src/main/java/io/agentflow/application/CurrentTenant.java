package io.agentflow.application;

import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;

/**
 * For which tenant this thread works: the one of the command or the event that is under way, else
 * the one in whose name it was begun. What reads for a tenant is shown that one's rows alone.
 */
public final class CurrentTenant implements AutoCloseable {

  /** No tenant is called so: whoever reads for it sees nothing. */
  public static final String NOBODY = "";

  private static final ThreadLocal<@Nullable String> BEGUN_FOR = new ThreadLocal<>();

  private final @Nullable String before;

  private CurrentTenant(@Nullable String before) {
    this.before = before;
  }

  /** This thread works for a tenant, until this is closed. */
  public static CurrentTenant is(String tenantId) {
    CurrentTenant tenant = new CurrentTenant(BEGUN_FOR.get());
    BEGUN_FOR.set(tenantId);
    return tenant;
  }

  /** The tenant's name, or {@link #NOBODY}. */
  public static String name() {
    if (CurrentUnitOfWork.map(CurrentTenant::tenantOf).orElse(null) instanceof String tenantId) {
      return tenantId;
    }
    String begunFor = BEGUN_FOR.get();
    return begunFor == null ? NOBODY : begunFor;
  }

  private static @Nullable Object tenantOf(UnitOfWork<?> underWay) {
    return underWay.getMessage() == null
        ? null
        : underWay.getMessage().getMetaData().get(WhoAndWhy.TENANT_ID);
  }

  @Override
  public void close() {
    if (before == null) {
      BEGUN_FOR.remove();
    } else {
      BEGUN_FOR.set(before);
    }
  }
}

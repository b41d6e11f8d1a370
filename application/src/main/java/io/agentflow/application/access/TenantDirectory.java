package io.agentflow.application.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agentflow.application.CurrentTenant;
import io.agentflow.application.StoredEvents;
import io.agentflow.application.UntilStopped;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.domain.tenant.ApiKey;
import io.agentflow.domain.tenant.Binding;
import io.agentflow.domain.tenant.Tenant;
import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.tenant.TenantId;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogUnavailable;
import io.agentflow.eventstore.TenantLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Who has which roles by the tenants' own word, and which keys there are: folded from the log where
 * it is first asked for, and kept. What is kept counts for a second; for as long as this node
 * follows the log it counts on, and is dropped when the log says something new of its tenant. So
 * what is taken away on another node counts here a second later at most, whatever is slow or fails;
 * and where the log cannot be read nobody is let pass by what was known once.
 */
@Component
public class TenantDirectory extends UntilStopped {

  private static final Logger LOG = LoggerFactory.getLogger(TenantDirectory.class);

  private static final int TENANTS_MAX = 10_000;
  private static final int READ_ENTRIES = 1_000;
  private static final long COUNTS_FOR_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration BETWEEN_CHECKS = Duration.ofMillis(250);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);

  private final EventStore eventStore;
  private final LogReader log;
  private final TenantLog ofTenant;
  private final StoredEvents events;
  private final Cache<String, Read> kept = Caffeine.newBuilder().maximumSize(TENANTS_MAX).build();
  private volatile @Nullable Following following;

  /**
   * What the log said of a tenant.
   *
   * @param atNanos when it began to be read
   */
  private record Read(Tenant tenant, Map<String, List<RoleAt>> roles, long atNanos) {}

  /**
   * How the log is followed.
   *
   * @param sinceNanos what is read after this moment is dropped when the log says more
   * @param untilNanos what stood in the log at this moment was followed
   */
  private record Following(long sinceNanos, long untilNanos) {}

  TenantDirectory(EventStore eventStore, LogReader log, TenantLog ofTenant, StoredEvents events) {
    this.eventStore = eventStore;
    this.log = log;
    this.ofTenant = ofTenant;
    this.events = events;
  }

  /**
   * The roles that the tenant has given to somebody.
   *
   * @throws LogUnavailable when that cannot be known now
   */
  public List<RoleAt> rolesOf(String tenantId, String principal) {
    return read(tenantId).roles().getOrDefault(principal, List.of());
  }

  /**
   * A key of the tenant, be it good or not.
   *
   * @throws LogUnavailable when that cannot be known now
   */
  Optional<ApiKey> key(String tenantId, String keyId) {
    return Optional.ofNullable(read(tenantId).tenant().keys().get(keyId));
  }

  /**
   * All that the tenant said.
   *
   * @throws LogUnavailable when that cannot be known now
   */
  public Tenant tenant(String tenantId) {
    return read(tenantId).tenant();
  }

  /** Has the log asked again: it says more of the tenant. Waits for whoever is just reading it. */
  public void forget(String tenantId) {
    kept.invalidate(tenantId);
  }

  private Read read(String tenantId) {
    Read known = kept.getIfPresent(tenantId);
    if (known != null && counts(known)) {
      return known;
    }
    // One reads for all who wait for the same tenant.
    return kept.asMap()
        .compute(
            tenantId,
            (id, before) -> before != null && counts(before) ? before : readFromLog(tenantId));
  }

  private boolean counts(Read read) {
    long now = System.nanoTime();
    Following followed = following;
    return now - read.atNanos() < COUNTS_FOR_NANOS
        || (followed != null
            && read.atNanos() - followed.sinceNanos() >= 0
            && now - followed.untilNanos() < COUNTS_FOR_NANOS);
  }

  private Read readFromLog(String tenantId) {
    try (CurrentTenant _ = CurrentTenant.is(tenantId)) {
      return fold(tenantId, System.nanoTime());
    }
  }

  private Read fold(String tenantId, long atNanos) {
    String aggregateId = new TenantId(tenantId).aggregateId();
    Tenant tenant = Tenant.initial();
    List<LogEntry> page;
    long last = -1;
    do {
      page = ofTenant.ofAggregate(tenantId, aggregateId, last, READ_ENTRIES);
      for (LogEntry entry : page) {
        tenant = Tenant.evolve(tenant, (TenantEvent) events.of(entry));
        last = entry.sequenceNumber();
      }
    } while (page.size() == READ_ENTRIES);
    return new Read(tenant, roles(tenant), atNanos);
  }

  /** A role that this version of the server does not know grants nothing. */
  private static Map<String, List<RoleAt>> roles(Tenant tenant) {
    Map<String, List<RoleAt>> roles = new HashMap<>();
    for (Binding binding : tenant.bindings().asMap().values()) {
      if (binding.bound()) {
        Role.of(binding.role())
            .ifPresent(
                role ->
                    roles
                        .computeIfAbsent(binding.principal(), principal -> new ArrayList<>())
                        .add(new RoleAt(role, binding.scope())));
      }
    }
    return roles;
  }

  @Override
  protected Map<String, Runnable> goingOn() {
    return Map.of("roles-and-keys", this::follow);
  }

  private void follow() {
    long position = -1;
    long sinceNanos = 0;
    while (isRunning()) {
      try {
        if (position < 0) {
          position = log.headPosition();
          sinceNanos = System.nanoTime();
        }
        try (BlockingStream<TrackedEventMessage<?>> stream =
            eventStore.openStream(new GlobalSequenceTrackingToken(position))) {
          while (isRunning()) {
            long askedNanos = System.nanoTime();
            long head = log.headPosition();
            while (position < head && await(stream)) {
              position = dropWhatIsChanged(stream.nextAvailable());
            }
            if (position >= head) {
              following = new Following(sinceNanos, askedNanos);
            }
            long untilNanos = askedNanos + BETWEEN_CHECKS.toNanos();
            while (isRunning() && System.nanoTime() < untilNanos && await(stream)) {
              position = dropWhatIsChanged(stream.nextAvailable());
            }
          }
        }
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether to stop");
      } catch (LogUnavailable e) {
        LOG.warn("the log cannot be followed for roles and keys: {}", e.getMessage());
        pause(PAUSE_AFTER_FAILURE);
      } catch (RuntimeException e) {
        LOG.warn("the log cannot be followed for roles and keys; trying again", e);
        pause(PAUSE_AFTER_FAILURE);
      }
    }
  }

  private static boolean await(BlockingStream<TrackedEventMessage<?>> stream)
      throws InterruptedException {
    return stream.hasNextAvailable(
        Math.toIntExact(BETWEEN_CHECKS.toMillis()), TimeUnit.MILLISECONDS);
  }

  private long dropWhatIsChanged(TrackedEventMessage<?> message) {
    if (TenantEvent.class.isAssignableFrom(message.getPayloadType())) {
      forget(WhoAndWhy.tenantOf(message));
    }
    return message.trackingToken().position().orElseThrow();
  }
}

package io.agentflow.application.tenant;

import io.agentflow.application.StoredEvents;
import io.agentflow.application.intake.CommandAnswer;
import io.agentflow.application.intake.Commands;
import io.agentflow.domain.tenant.TenantEvent;
import io.agentflow.domain.tenant.TenantEvent.KeyIssued;
import io.agentflow.domain.tenant.TenantEvent.KeyRevoked;
import io.agentflow.domain.tenant.TenantEvent.RoleBound;
import io.agentflow.domain.tenant.TenantEvent.RoleUnbound;
import io.agentflow.domain.tenant.TenantId;
import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.TenantLog;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * How commands on a tenant are answered: they name the binding or the key, and not the tenant. A
 * repeat is answered from the log, where no secret is.
 */
@Component
public class TenantAnswers {

  private static final String TOLD_NOW = "keep the key: it is told this once";
  private static final String TOLD_BEFORE =
      "the key was told when it was issued, and only then; revoke it and issue another if it is"
          + " lost";

  private final TenantLog log;
  private final StoredEvents events;

  TenantAnswers(TenantLog log, StoredEvents events) {
    this.log = log;
    this.events = events;
  }

  /**
   * A key that was issued.
   *
   * @param id the key's
   * @param version of the tenant's roles and keys
   * @param key the key, as a program sends it; null where it was told before
   * @param note what to know about that
   */
  record IssuedKey(
      String id, long version, long position, String hash, @Nullable String key, String note) {

    /** Without the key: it is not to be found in any log. */
    @Override
    public String toString() {
      return "IssuedKey[id=%s]".formatted(id);
    }
  }

  /** Whether the entry is one of a tenant's own. */
  public static boolean isOne(String tenantId, Appended entry) {
    return entry.aggregateId().equals(new TenantId(tenantId).aggregateId());
  }

  /** The answer that was given to the command which led to the entry, but for a secret. */
  public ResponseEntity<?> again(String tenantId, HttpStatus status, Appended entry) {
    TenantEvent event =
        (TenantEvent)
            events.of(
                log.find(tenantId, entry.aggregateId(), entry.sequenceNumber()).orElseThrow());
    return switch (event) {
      case RoleBound bound -> of(status, entry, bound.bindingId());
      case RoleUnbound unbound -> of(status, entry, unbound.bindingId());
      case KeyIssued issued -> ofIssued(status, entry, issued.keyId(), null);
      case KeyRevoked revoked -> of(status, entry, revoked.keyId());
    };
  }

  /** A binding or a key, and where the entry about it stands. */
  static ResponseEntity<CommandAnswer> of(HttpStatus status, Appended entry, String id) {
    return Commands.placed(status, entry)
        .body(new CommandAnswer(id, entry.sequenceNumber(), entry.position(), entry.hash().hex()));
  }

  /**
   * An issued key.
   *
   * @param key as a program sends it; null where it was told before
   */
  static ResponseEntity<IssuedKey> ofIssued(
      HttpStatus status, Appended entry, String keyId, @Nullable String key) {
    return Commands.placed(status, entry)
        .body(
            new IssuedKey(
                keyId,
                entry.sequenceNumber(),
                entry.position(),
                entry.hash().hex(),
                key,
                key == null ? TOLD_BEFORE : TOLD_NOW));
  }
}

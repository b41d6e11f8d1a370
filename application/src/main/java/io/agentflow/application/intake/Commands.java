package io.agentflow.application.intake;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.application.Answer;
import io.agentflow.application.CommandRejected;
import io.agentflow.application.Decided;
import io.agentflow.application.StaleVersion;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.eventstore.AggregateCache;
import io.agentflow.eventstore.Appended;
import io.agentflow.eventstore.BelievedNew;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.NewReceipt;
import io.agentflow.eventstore.TenantLog;
import java.util.HashMap;
import java.util.Map;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.NoHandlerForCommandException;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventsourcing.IncompatibleAggregateException;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Hands a command to its aggregate and answers with what was appended, and where. */
@Component
public class Commands {

  public static final String POSITION_HEADER = "AF-Position";

  private static final int ATTEMPTS_MAX = 5;

  private final CommandGateway gateway;
  private final LogReader log;
  private final TenantLog ofTenant;
  private final AggregateCache cache;

  Commands(CommandGateway gateway, LogReader log, TenantLog ofTenant, AggregateCache cache) {
    this.gateway = gateway;
    this.log = log;
    this.ofTenant = ofTenant;
    this.cache = cache;
  }

  /** A new time-ordered id (UUIDv7, RFC 9562) where the client brought none. */
  public static String idOr(@Nullable String given) {
    return given == null ? UuidCreator.getTimeOrderedEpoch().toString() : given;
  }

  /** Carries out a command that creates its aggregate: 201 when it did, 200 when it was so. */
  public ResponseEntity<CommandAnswer> create(Caller caller, String aggregateId, Object command) {
    Decided decided;
    try {
      Map<String, Object> metadata = metadata(caller);
      metadata.put(BelievedNew.METADATA_KEY, aggregateId);
      decided = send(caller, aggregateId, command, aggregateId, null, HttpStatus.CREATED, metadata);
    } catch (NotInTenant | AggregateNotFoundException e) {
      // The id is there, but of another kind or of another tenant: all the caller may know is that.
      throw new AggregateStreamCreationException("the id " + aggregateId + " is taken", e);
    }
    return answer(
        caller,
        aggregateId,
        decided.version(),
        decided,
        decided.changed() ? HttpStatus.CREATED : HttpStatus.OK);
  }

  /** The same where the command goes to one aggregate and another comes to be by it. */
  public ResponseEntity<CommandAnswer> createWithin(
      Caller caller, String aggregateId, String createdId, Object command) {
    Decided decided =
        send(caller, aggregateId, command, createdId, 0L, HttpStatus.CREATED, metadata(caller));
    return answer(
        caller, createdId, 0, decided, decided.changed() ? HttpStatus.CREATED : HttpStatus.OK);
  }

  /** Carries out a command that changes its aggregate: 200, also when it was already so. */
  public ResponseEntity<CommandAnswer> change(Caller caller, String aggregateId, Object command) {
    Decided decided =
        send(caller, aggregateId, command, aggregateId, null, HttpStatus.OK, metadata(caller));
    return answer(caller, aggregateId, decided.version(), decided, HttpStatus.OK);
  }

  /**
   * Carries out a command whose answer says more than where its entry stands.
   *
   * @param status to be answered where it changed something
   */
  public Done carryOut(Caller caller, String aggregateId, Object command, HttpStatus status) {
    Decided decided =
        send(caller, aggregateId, command, aggregateId, null, status, metadata(caller));
    return new Done(entry(caller, aggregateId, decided.version(), decided), decided.changed());
  }

  /**
   * What a command led to.
   *
   * @param entry the aggregate's last one
   * @param changed whether it is the command's
   */
  public record Done(Appended entry, boolean changed) {}

  /**
   * Sends until the answer was given on the aggregate's last version. What a cache held may be
   * behind another node's appends, and what was believed new may be there: then the append
   * conflicts, or, where nothing was to be appended, the log knows a later version.
   *
   * @throws CommandRejected with the decider's reason
   * @throws NotInTenant when the id is not that of such an aggregate
   */
  public Answer send(Caller caller, String aggregateId, Object command) {
    return send(aggregateId, command, metadata(caller));
  }

  /** With the receipt of the request, where it has a key, and at the version that it names. */
  private Decided send(
      Caller caller,
      String aggregateId,
      Object command,
      String answeredId,
      @Nullable Long answeredVersion,
      HttpStatus status,
      Map<String, Object> metadata) {
    Once once = caller.once();
    if (once != null) {
      metadata.put(NewReceipt.METADATA_KEY, once.receipt(status, answeredId, answeredVersion));
    }
    if (caller.expectedVersion() != null) {
      metadata.put(StaleVersion.EXPECTED, caller.expectedVersion());
    }
    Decided decided = send(aggregateId, command, metadata).decided();
    if (once != null && decided.changed()) {
      once.receipted();
    }
    return decided;
  }

  private Answer send(String aggregateId, Object command, Map<String, Object> metadata) {
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt == ATTEMPTS_MAX;
      try {
        Answer answer = sendOnce(aggregateId, command, metadata);
        Decided decided = answer.decided();
        if (last || decided.changed() || isLastVersion(aggregateId, decided.version())) {
          return answer;
        }
        cache.remove(aggregateId);
      } catch (ConcurrencyException | AggregateStreamCreationException e) {
        // Its unit of work was rolled back, and with that the cache has let go of the aggregate.
        if (last) {
          throw e;
        }
      } catch (StaleVersion e) {
        if (last || isLastVersion(aggregateId, e.version())) {
          throw e;
        }
      } catch (CommandRejected e) {
        if (last || isLastVersion(e.otherAggregateId().orElse(aggregateId), e.version())) {
          throw e;
        }
      } catch (AggregateNotFoundException e) {
        if (!metadata.containsKey(BelievedNew.METADATA_KEY)) {
          throw e;
        }
      }
      metadata.remove(BelievedNew.METADATA_KEY);
    }
  }

  private boolean isLastVersion(String aggregateId, long version) {
    return log.lastSequenceNumber(aggregateId).orElse(-1L) == version;
  }

  private Answer sendOnce(String aggregateId, Object command, Map<String, Object> metadata) {
    try {
      return gateway.sendAndWait(new GenericCommandMessage<>(command, metadata));
    } catch (IncompatibleAggregateException | NoHandlerForCommandException e) {
      // Read from the log it was of another kind; found in the cache it takes no such command.
      throw new NotInTenant(aggregateId, e);
    }
  }

  /**
   * Where the aggregate's entry of this version stands: not the log's head, only this is what the
   * command led to.
   */
  public Appended entry(Caller caller, String aggregateId, long version, Decided decided) {
    return decided
        .appended()
        .find(aggregateId, version)
        .or(() -> ofTenant.find(caller.tenantId(), aggregateId, version).map(Commands::place))
        .orElseThrow(
            () -> new IllegalStateException("appended, but not in the log: " + aggregateId));
  }

  private ResponseEntity<CommandAnswer> answer(
      Caller caller, String aggregateId, long version, Decided decided, HttpStatus status) {
    return answer(status, entry(caller, aggregateId, version, decided));
  }

  /** How a command is answered that led to this entry. */
  public static ResponseEntity<CommandAnswer> answer(HttpStatus status, Appended entry) {
    return placed(status, entry)
        .body(
            new CommandAnswer(
                entry.aggregateId(), entry.sequenceNumber(), entry.position(), entry.hash().hex()));
  }

  /** The headers of such an answer, to which a body is to come. */
  public static ResponseEntity.BodyBuilder placed(HttpStatus status, Appended entry) {
    return ResponseEntity.status(status)
        .eTag("\"" + entry.sequenceNumber() + "\"")
        .header(POSITION_HEADER, Long.toString(entry.position()));
  }

  private static Appended place(LogEntry entry) {
    return new Appended(
        entry.aggregateId(), entry.sequenceNumber(), entry.position(), entry.hash());
  }

  private static Map<String, Object> metadata(Caller caller) {
    Map<String, Object> metadata = new HashMap<>();
    metadata.put(WhoAndWhy.TENANT_ID, caller.tenantId());
    metadata.put(WhoAndWhy.ACTOR, caller.actor());
    if (caller.traceparent() != null) {
      metadata.put(WhoAndWhy.TRACEPARENT, caller.traceparent());
    }
    Once once = caller.once();
    if (once != null) {
      metadata.put(WhoAndWhy.IDEMPOTENCY_KEY, once.key().key());
    }
    if (caller.correlationId() != null) {
      metadata.put(WhoAndWhy.CORRELATION_ID, caller.correlationId());
    }
    return metadata;
  }
}

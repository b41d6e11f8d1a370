package io.agentflow.application.intake;

import com.github.f4b6a3.uuid.UuidCreator;
import io.agentflow.application.Decided;
import io.agentflow.application.WhoAndWhy;
import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.LogReader;
import java.util.HashMap;
import java.util.Map;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventsourcing.IncompatibleAggregateException;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Hands a command to its aggregate and answers with what was appended, and where. */
@Component
public class Commands {

  public static final String POSITION_HEADER = "AF-Position";

  private final CommandGateway gateway;
  private final LogReader log;

  Commands(CommandGateway gateway, LogReader log) {
    this.gateway = gateway;
    this.log = log;
  }

  /** A new time-ordered id (UUIDv7, RFC 9562) where the client brought none. */
  public static String idOr(@Nullable String given) {
    return given == null ? UuidCreator.getTimeOrderedEpoch().toString() : given;
  }

  /** Carries out a command that creates its aggregate: 201 when it did, 200 when it was so. */
  public ResponseEntity<CommandAnswer> create(Caller caller, String aggregateId, Object command) {
    Decided decided;
    try {
      decided = send(caller, command);
    } catch (NotInTenant | AggregateNotFoundException e) {
      // The id is there, but of another kind or of another tenant: all the caller may know is that.
      throw new AggregateStreamCreationException("the id " + aggregateId + " is taken", e);
    }
    return answer(
        caller,
        aggregateId,
        decided.version(),
        decided.changed() ? HttpStatus.CREATED : HttpStatus.OK);
  }

  /** The same where the command goes to one aggregate and another comes to be by it. */
  public ResponseEntity<CommandAnswer> createWithin(
      Caller caller, String createdId, Object command) {
    Decided decided = send(caller, command);
    return answer(caller, createdId, 0, decided.changed() ? HttpStatus.CREATED : HttpStatus.OK);
  }

  /** Carries out a command that changes its aggregate: 200, also when it was already so. */
  public ResponseEntity<CommandAnswer> change(Caller caller, String aggregateId, Object command) {
    return answer(caller, aggregateId, send(caller, command).version(), HttpStatus.OK);
  }

  private Decided send(Caller caller, Object command) {
    try {
      return gateway.sendAndWait(new GenericCommandMessage<>(command, metadata(caller)));
    } catch (IncompatibleAggregateException e) {
      throw new NotInTenant(e);
    }
  }

  /** Not the log's head: only the aggregate's entry of this version is what the command led to. */
  private ResponseEntity<CommandAnswer> answer(
      Caller caller, String aggregateId, long version, HttpStatus status) {
    LogEntry entry =
        log.find(caller.tenantId(), aggregateId, version)
            .orElseThrow(
                () -> new IllegalStateException("appended, but not in the log: " + aggregateId));
    return ResponseEntity.status(status)
        .eTag("\"" + entry.sequenceNumber() + "\"")
        .header(POSITION_HEADER, Long.toString(entry.position()))
        .body(
            new CommandAnswer(
                aggregateId, entry.sequenceNumber(), entry.position(), entry.hash().hex()));
  }

  private static Map<String, Object> metadata(Caller caller) {
    Map<String, Object> metadata = new HashMap<>();
    metadata.put(WhoAndWhy.TENANT_ID, caller.tenantId());
    metadata.put(WhoAndWhy.ACTOR, caller.actor());
    if (caller.traceparent() != null) {
      metadata.put(WhoAndWhy.TRACEPARENT, caller.traceparent());
    }
    if (caller.correlationId() != null) {
      metadata.put(WhoAndWhy.CORRELATION_ID, caller.correlationId());
    }
    return metadata;
  }
}

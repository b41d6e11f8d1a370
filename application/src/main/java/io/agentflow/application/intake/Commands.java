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

  /** Carries out a command that creates: 201 when it did, 200 when it was already so. */
  public ResponseEntity<CommandAnswer> create(Caller caller, String aggregateId, Object command) {
    return send(caller, aggregateId, command, HttpStatus.CREATED);
  }

  /** Carries out a command that changes: 200, also when it was already so. */
  public ResponseEntity<CommandAnswer> change(Caller caller, String aggregateId, Object command) {
    return send(caller, aggregateId, command, HttpStatus.OK);
  }

  private ResponseEntity<CommandAnswer> send(
      Caller caller, String aggregateId, Object command, HttpStatus whenChanged) {
    Decided decided =
        gateway.sendAndWait(new GenericCommandMessage<>(command, metadata(caller)));
    // Not the log's head: only this aggregate's entry of this version is what the command led to.
    LogEntry entry =
        log.find(caller.tenantId(), aggregateId, decided.version())
            .orElseThrow(
                () -> new IllegalStateException("appended, but not in the log: " + aggregateId));
    return ResponseEntity.status(decided.changed() ? whenChanged : HttpStatus.OK)
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

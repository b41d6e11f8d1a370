package io.agentflow.bridge;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.TenantLog;
import io.agentflow.eventstore.chain.ChainLink;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes one aggregate's history again, in order, under {@code af.<tenant>.replay.<replay>.…}.
 * The messages are the original ones; a header names the replay. No entry goes out whose bytes do
 * not have the hash that the log has for it.
 */
public final class Replay {

  private final TenantLog log;
  private final Bus bus;
  private final BridgeSettings settings;

  public Replay(TenantLog log, Bus bus, BridgeSettings settings) {
    this.log = log;
    this.bus = bus;
    this.settings = settings;
  }

  /** What to subscribe to for exactly this replay. */
  public static String subject(String tenantId, String replayId) {
    return "af." + tenantId + ".replay." + replayId + ".>";
  }

  /**
   * Publishes the history and returns once the bus has acknowledged all of it.
   *
   * @return how many messages it has; empty when the tenant has no such aggregate
   * @throws BusFailure when there is no bus, or it did not take a message
   * @throws IllegalStateException when an entry was altered; what came before it is published
   */
  public OptionalLong publish(String tenantId, String aggregateId, String replayId) {
    long messages = 0;
    long after = -1;
    List<LogEntry> entries = log.ofAggregate(tenantId, aggregateId, after, settings.window());
    while (!entries.isEmpty()) {
      BridgeLoop.await(publish(entries, replayId), settings.ackTimeout());
      messages += entries.size();
      after = entries.getLast().sequenceNumber();
      entries = log.ofAggregate(tenantId, aggregateId, after, settings.window());
    }
    return messages == 0 ? OptionalLong.empty() : OptionalLong.of(messages);
  }

  private List<CompletableFuture<PublishAck>> publish(List<LogEntry> entries, String replayId) {
    long bytesMax = bus.maxBodyBytes();
    List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (!ChainLink.isIntact(entry)) {
        throw new IllegalStateException(
            "entry %d was altered; verify the log before you replay it"
                .formatted(entry.position()));
      }
      Subject subject = Subject.of(entry);
      Headers headers =
          BridgeLoop.headers(entry)
              .put(NatsJetStreamConstants.MSG_ID_HDR, replayId + ":" + entry.eventId())
              .add("AF-Replay", replayId);
      acknowledgements.add(
          bus.publish(
              BusStream.AF_REPLAYS,
              Bus.message(
                  subject.replayed(replayId), headers, Envelope.of(entry, subject, bytesMax))));
    }
    return acknowledgements;
  }
}

package io.agentflow.bridge;

import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusCheckedException;
import io.nats.client.Message;
import io.nats.client.StreamContext;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what a stream holds, in its order, up to the sequence number that was its last when this
 * was made. A consumer of its own that leaves no trace; memory holds a batch.
 */
final class FoundMessages implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FoundMessages.class);
  private static final Duration SILENT_MAX = Duration.ofSeconds(10);
  private static final int BATCH_MESSAGES = 1_000;
  private static final int NOT_FOUND = 404;

  private final StreamContext stream;
  private final long lastSequence;
  private final @Nullable IterableConsumer messages;
  private long readThrough;
  private boolean ended;

  FoundMessages(Connection connection, String name, StreamState state) {
    lastSequence = state.getLastSequence();
    readThrough = state.getFirstSequence() - 1;
    ended = state.getMsgCount() == 0;
    try {
      stream = connection.getStreamContext(name);
      messages =
          ended
              ? null
              : stream
                  .createOrderedConsumer(
                      new OrderedConsumerConfiguration().deliverPolicy(DeliverPolicy.All))
                  .iterate(ConsumeOptions.builder().batchSize(BATCH_MESSAGES).build());
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      throw new BusFailure("cannot read stream %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /**
   * The next message; null behind the last.
   *
   * @throws BusFailure when there is one and it does not come
   */
  @Nullable FoundMessage next() {
    if (ended || messages == null) {
      return null;
    }
    try {
      Message message = messages.nextMessage(SILENT_MAX);
      if (message == null) {
        ended = isNothingBehind();
        if (!ended) {
          throw new BusFailure(
              "stream %s does not tell on".formatted(stream.getStreamName()), null);
        }
        return null;
      }
      readThrough = message.metaData().streamSequence();
      ended = readThrough >= lastSequence || message.metaData().pendingCount() == 0;
      return readThrough > lastSequence ? null : new FoundMessage(readThrough, message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while a stream is read", e);
    } catch (JetStreamStatusCheckedException | IOException | IllegalStateException e) {
      throw new BusFailure(
          "cannot read on in stream %s: %s".formatted(stream.getStreamName(), e.getMessage()), e);
    }
  }

  /** The rest may have grown too old meanwhile. */
  private boolean isNothingBehind() throws IOException {
    try {
      return stream.getNextMessage(readThrough + 1, ">").getSeq() > lastSequence;
    } catch (JetStreamApiException e) {
      return e.getErrorCode() == NOT_FOUND;
    }
  }

  @Override
  public void close() {
    if (messages == null) {
      return;
    }
    try {
      messages.close();
      String name = messages.getConsumerName();
      if (name != null) {
        stream.deleteConsumer(name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.debug("the server forgets the consumer by itself", e);
    }
  }
}

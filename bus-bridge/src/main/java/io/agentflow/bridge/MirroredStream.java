package io.agentflow.bridge;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.PublishOptions;
import io.nats.client.api.MessageDeleteRequest;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream on the server, as who repairs it handles it. Every method throws {@link BusFailure} when
 * the server does not answer, or refuses.
 */
final class MirroredStream {

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

  /** The shortest that a server takes for knowing message ids again. */
  private static final Duration SHORTEST_WINDOW = Duration.ofMillis(100);

  /** What a server takes where nobody says otherwise. */
  private static final Duration USUAL_WINDOW = Duration.ofMinutes(2);

  private static final int UNDER_WAY_MAX = 512;
  private static final int NOT_FOUND = 404;
  private static final int NO_SUCH_MESSAGE = 10_043;

  private final Connection connection;
  private final String name;

  MirroredStream(Connection connection, String name) {
    this.connection = connection;
    this.name = name;
  }

  /** Something that is asked of the server. */
  private interface Request<T> {
    T send(JetStreamManagement management) throws IOException, JetStreamApiException;
  }

  private <T> T ask(String what, Request<T> request) {
    try {
      return request.send(connection.jetStreamManagement());
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      throw new BusFailure("cannot %s stream %s: %s".formatted(what, name, e.getMessage()), e);
    }
  }

  /** The stream, if the server has it. */
  Optional<StreamInfo> find() {
    return ask(
        "look at",
        management -> {
          try {
            return Optional.of(management.getStreamInfo(name));
          } catch (JetStreamApiException e) {
            if (e.getErrorCode() == NOT_FOUND) {
              return Optional.empty();
            }
            throw e;
          }
        });
  }

  StreamInfo create(StreamConfiguration configuration) {
    return ask("create", management -> management.addStream(configuration));
  }

  void deleteIfThere() {
    if (find().isPresent()) {
      boolean _ = ask("delete", management -> management.deleteStream(name));
    }
  }

  FoundMessages messages(StreamState state) {
    return new FoundMessages(connection, name, state);
  }

  /** Takes all messages away; consumers stay, and sequence numbers go on. */
  void purge() {
    ask("empty", management -> management.purgeStream(name));
  }

  /**
   * Has the server know no message id any more, so that what was deleted may be published again.
   * When the window changes it looks at once which ids have left it.
   */
  void forgetMessageIds() {
    StreamConfiguration usual =
        ask("look at", management -> management.getStreamInfo(name)).getConfiguration();
    Duration window = Objects.requireNonNullElse(usual.getDuplicateWindow(), USUAL_WINDOW);
    update(usual, SHORTEST_WINDOW);
    try {
      // Ids that are younger than the window go when that has passed, in steps of 50 ms.
      TimeUnit.MILLISECONDS.sleep(2 * SHORTEST_WINDOW.toMillis() + 50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while message ids are forgotten", e);
    } finally {
      update(usual, window);
    }
  }

  private void update(StreamConfiguration usual, Duration duplicateWindow) {
    ask(
        "configure",
        management ->
            management.updateStream(
                StreamConfiguration.builder(usual).duplicateWindow(duplicateWindow).build()));
  }

  /**
   * Deletes messages, the last first: whatever stops this, the stream is what it was, but shorter.
   *
   * @param sequences counted from {@code firstSequence}
   * @param step told after each lot how many are deleted
   */
  void delete(BitSet sequences, long firstSequence, LongConsumer step) {
    String subject = "$JS.API.STREAM.MSG.DELETE." + name;
    long deleted = 0;
    List<CompletableFuture<Message>> underWay = new ArrayList<>();
    for (int i = sequences.previousSetBit(sequences.length());
        i >= 0;
        i = sequences.previousSetBit(i - 1)) {
      MessageDeleteRequest request = new MessageDeleteRequest(firstSequence + i, false);
      underWay.add(request(subject, request.toJson()));
      deleted++;
      if (underWay.size() == UNDER_WAY_MAX) {
        awaitAll(underWay).forEach(this::checkDeleted);
        underWay.clear();
        step.accept(deleted);
      }
    }
    awaitAll(underWay).forEach(this::checkDeleted);
    step.accept(deleted);
  }

  private CompletableFuture<Message> request(String subject, String json) {
    try {
      return connection.requestWithTimeout(
          subject, json.getBytes(StandardCharsets.UTF_8), ANSWER_WITHIN);
    } catch (IllegalStateException e) {
      throw new BusFailure("cannot reach stream %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** One that grew too old meanwhile is gone as well. */
  private void checkDeleted(Message answer) {
    String text = new String(answer.getData(), StandardCharsets.UTF_8);
    JsonNode json = CanonicalJson.parse(text);
    if (!json.path("success").asBoolean()
        && json.path("error").path("err_code").asInt() != NO_SUCH_MESSAGE) {
      throw new BusFailure("a message of %s is not deleted: %s".formatted(name, text), null);
    }
  }

  /**
   * Publishes messages, each behind the one before or not at all.
   *
   * @param lastSequence of the stream
   * @param step told after each lot how many are acknowledged
   * @return the stream's last sequence number then
   */
  long append(Iterator<StreamMessage> messages, long lastSequence, LongConsumer step) {
    long last = lastSequence;
    long appended = 0;
    String before = null;
    List<CompletableFuture<PublishAck>> underWay = new ArrayList<>();
    while (messages.hasNext()) {
      StreamMessage message = messages.next();
      underWay.add(publish(message, last, before));
      before = message.id();
      last++;
      appended++;
      if (underWay.size() == UNDER_WAY_MAX) {
        checkStored(underWay, last);
        underWay.clear();
        step.accept(appended);
      }
    }
    checkStored(underWay, last);
    step.accept(appended);
    return last;
  }

  /** By number and id, or a later one would be taken where somebody else's stand before it. */
  private CompletableFuture<PublishAck> publish(
      StreamMessage message, long lastSequence, @Nullable String before) {
    PublishOptions.Builder place =
        PublishOptions.builder().expectedStream(name).expectedLastSequence(lastSequence);
    if (before != null) {
      place.expectedLastMsgId(before);
    }
    try {
      return connection
          .jetStream()
          .publishAsync(message.subject(), message.natsHeaders(), message.body(), place.build());
    } catch (IOException | IllegalStateException e) {
      throw new BusFailure("cannot publish to %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private void checkStored(List<CompletableFuture<PublishAck>> underWay, long last) {
    long expected = last - underWay.size();
    for (PublishAck ack : awaitAll(underWay)) {
      expected++;
      if (ack.isDuplicate() || ack.getSeqno() != expected) {
        throw new BusFailure(
            "%s put a message at %d, not at %d".formatted(name, ack.getSeqno(), expected), null);
      }
    }
  }

  private <T> List<T> awaitAll(List<CompletableFuture<T>> underWay) {
    try {
      CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new))
          .get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      return underWay.stream().map(CompletableFuture::join).toList();
    } catch (ExecutionException e) {
      throw new BusFailure("NATS refuses a change of %s: %s".formatted(name, e.getMessage()), e);
    } catch (TimeoutException e) {
      throw new BusFailure(
          "NATS did not answer for %s within %d ms".formatted(name, ANSWER_WITHIN.toMillis()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while NATS answers for " + name, e);
    }
  }
}

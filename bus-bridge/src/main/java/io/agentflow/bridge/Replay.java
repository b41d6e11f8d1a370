package io.agentflow.bridge;

import io.agentflow.eventstore.LogEntry;
import io.agentflow.eventstore.chain.ChainLink;
import io.nats.client.Connection;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusCheckedException;
import io.nats.client.Message;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import io.nats.client.support.NatsJetStreamConstants;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes entries of the log again, in order, into the stream of replays. The messages are the
 * original ones, with a message id of the replay's own; two headers name the replay. No entry goes
 * out whose bytes do not have the hash that the log has for it.
 */
public final class Replay implements AutoCloseable {

  static final String REPLAY_HEADER = "AF-Replay";
  static final String DIGEST_HEADER = "AF-Replay-Digest";

  private static final Duration LOOK_THROUGH_TIMEOUT = Duration.ofSeconds(10);

  private final Bus bus;
  private final BridgeSettings settings;

  /** On a connection of its own, so that neither the bridge nor replays disturb each other. */
  public Replay(Bus bus, BridgeSettings settings) {
    this.bus = bus.another();
    this.settings = settings;
  }

  /**
   * Which replay, and where it is told.
   *
   * @param to the one subject that all of it goes to; null for those of the entries, each under the
   *     replay's own: {@code af.<tenant>.replay.<replay>.…}
   * @param digest of what was asked for under the replay's id
   */
  public record Course(String tenantId, String replayId, @Nullable String to, String digest) {

    /** What to subscribe to for exactly this replay, or for all that goes to its subject. */
    public String subject() {
      return to == null ? "af." + tenantId + ".replay." + replayId + ".>" : to;
    }

    private String subject(Subject original) {
      return to == null ? original.replayed(replayId) : to;
    }
  }

  /**
   * The last message that the stream has of a replay.
   *
   * @param position where its entry stands in the log
   * @param digest of what was asked for when it was published
   */
  public record Told(long position, String digest) {

    private static Optional<Told> of(Course course, @Nullable Headers headers) {
      return headers == null || !course.replayId().equals(headers.getFirst(REPLAY_HEADER))
          ? Optional.empty()
          : Optional.of(
              new Told(
                  Long.parseLong(headers.getFirst(MessageHeaders.POSITION)),
                  Objects.requireNonNullElse(headers.getFirst(DIGEST_HEADER), "")));
    }
  }

  /**
   * What came of publishing.
   *
   * @param position where the last entry stands that was acknowledged, with all before it; 0 where
   *     none was
   * @param fault why no more may be published, in a sentence; null where all was
   */
  public record Published(long position, @Nullable String fault) {}

  /**
   * Looks where a replay ends in the stream, be it that another node published it, long ago; empty
   * where the stream has nothing of it, or nothing any more.
   *
   * @throws BusFailure when there is no bus, or it does not answer
   */
  public Optional<Told> lastTold(Course course) {
    try {
      Connection connection = bus.ready(BusStream.AF_REPLAYS);
      MessageInfo last =
          connection
              .jetStreamManagement()
              .getLastMessage(BusStream.AF_REPLAYS.name(), course.subject());
      Optional<Told> told = Told.of(course, last.getHeaders());
      return told.isPresent() || course.to() == null ? told : lookThrough(connection, course);
    } catch (JetStreamApiException e) {
      if (e.getErrorCode() == StreamSetup.NOT_FOUND) {
        return Optional.empty();
      }
      throw cannotLook(e);
    } catch (IOException | JetStreamStatusCheckedException e) {
      throw cannotLook(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cannotLook(e);
    }
  }

  /** Another replay came last on a subject that several may share: all of its headers are read. */
  @SuppressWarnings("try") // To close may be interrupted, as to wait may.
  private static Optional<Told> lookThrough(Connection connection, Course course)
      throws IOException,
          JetStreamApiException,
          JetStreamStatusCheckedException,
          InterruptedException {
    Optional<Told> last = Optional.empty();
    try (IterableConsumer messages =
        connection
            .getStreamContext(BusStream.AF_REPLAYS.name())
            .createOrderedConsumer(
                new OrderedConsumerConfiguration()
                    .filterSubject(course.subject())
                    .headersOnly(true))
            .iterate()) {
      Message message = messages.nextMessage(LOOK_THROUGH_TIMEOUT);
      while (message != null) {
        Optional<Told> told = Told.of(course, message.getHeaders());
        last = told.isPresent() ? told : last;
        message =
            message.metaData().pendingCount() == 0
                ? null
                : messages.nextMessage(LOOK_THROUGH_TIMEOUT);
      }
      return last;
    } catch (IOException | JetStreamApiException | JetStreamStatusCheckedException e) {
      throw e;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw cannotLook(e);
    }
  }

  private static BusFailure cannotLook(Exception e) {
    return new BusFailure("cannot look where a replay ends: " + e.getMessage(), e);
  }

  /**
   * Publishes entries in their order and returns once the bus has acknowledged them.
   *
   * @throws BusFailure when there is no bus, or it did not take one of them; {@link #lastTold} says
   *     which arrived
   */
  public Published publish(Course course, List<LogEntry> entries) {
    long bytesMax = bus.maxBodyBytes();
    List<CompletableFuture<PublishAck>> acknowledgements = new ArrayList<>();
    String fault = null;
    for (LogEntry entry : entries) {
      if (!ChainLink.isIntact(entry)) {
        fault =
            "entry %d was altered; verify the log before you replay it".formatted(entry.position());
        break;
      }
      acknowledgements.add(publish(course, entry, bytesMax));
    }
    int taken = await(acknowledgements);
    if (taken < acknowledgements.size()) {
      fault =
          "NATS refused entry %d and took later ones; replay it under another id"
              .formatted(entries.get(taken).position());
    }
    return new Published(taken == 0 ? 0 : entries.get(taken - 1).position(), fault);
  }

  private CompletableFuture<PublishAck> publish(Course course, LogEntry entry, long bytesMax) {
    Subject subject = Subject.of(entry);
    Headers headers = new Headers();
    MessageHeaders.of(entry).forEach(headers::add);
    headers
        .put(NatsJetStreamConstants.MSG_ID_HDR, course.replayId() + ":" + entry.eventId())
        .put(REPLAY_HEADER, course.replayId())
        .put(DIGEST_HEADER, course.digest());
    return bus.publish(
        BusStream.AF_REPLAYS,
        Bus.message(course.subject(subject), headers, Envelope.of(entry, subject, bytesMax)));
  }

  /**
   * How many were taken, one behind the other: all, or those before one that was refused while
   * later ones were taken. Where none behind the first failure was, it is the bus that failed.
   */
  private int await(List<CompletableFuture<PublishAck>> acknowledgements) {
    try {
      CompletableFuture.allOf(acknowledgements.toArray(CompletableFuture[]::new))
          .get(settings.ackTimeout().toMillis(), TimeUnit.MILLISECONDS);
      return acknowledgements.size();
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      int taken = 0;
      while (taken < acknowledgements.size() && isTaken(acknowledgements.get(taken))) {
        taken++;
      }
      if (acknowledgements.stream().skip(taken).anyMatch(Replay::isTaken)) {
        return taken;
      }
      if (!(e.getCause() instanceof CancellationException)) {
        // Not because the connection broke, or another replay let it go: the stream may be gone.
        bus.disconnect();
      }
      throw new BusFailure("NATS did not acknowledge a replay: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusFailure("interrupted while NATS acknowledges", e);
    }
  }

  private static boolean isTaken(CompletableFuture<PublishAck> acknowledgement) {
    return acknowledgement.state() == CompletableFuture.State.SUCCESS;
  }

  @Override
  public void close() {
    bus.close();
  }
}

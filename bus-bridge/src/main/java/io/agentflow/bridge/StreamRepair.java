package io.agentflow.bridge;

import io.agentflow.bridge.ExpectedMessages.Expected;
import io.agentflow.bridge.MirrorComparison.Outcome;
import io.agentflow.bridge.MirrorComparison.Repair;
import io.agentflow.bridge.MirrorVerification.Progress;
import io.agentflow.eventstore.LogReader;
import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a stream exact that nobody publishes meanwhile. What is in place before the first fault
 * stays, without what does not belong there. If messages stand behind a fault where others have to
 * go first, all from there on are built beside the stream and compared with the log before the old
 * ones are touched; then those are deleted, the last first, and the new ones take their place.
 *
 * <p>Whenever this is stopped, the stream is the old one, or that but shorter, or what is exact of
 * it so far; the bridge goes on behind whatever is its last message.
 */
final class StreamRepair {

  private static final Duration BESIDE_MAX_AGE = Duration.ofDays(1);
  private static final int NO_EXAMPLES = 0;

  private final StreamContent content;
  private final BridgeHold hold;
  private final MirroredStream stream;
  private final StreamMirror mirror;
  private final MirroredStream beside;
  private final StreamMirror besideMirror;
  private final String besideName;
  private final String besidePrefix;
  private final int replicas;
  private final Progress progress;

  /**
   * A repair that has not begun.
   *
   * @param connection on which the stream is there
   * @param replicas copies of what is built, in a cluster
   */
  StreamRepair(
      LogReader log,
      StreamContent content,
      BridgeHold hold,
      Connection connection,
      int replicas,
      long bodyBytesMax,
      Clock clock,
      Progress progress) {
    this.content = content;
    this.hold = hold;
    this.replicas = replicas;
    this.progress = progress;
    String name = content.stream().name();
    this.besideName = name + "_BESIDE";
    this.besidePrefix = "af-beside." + name + ".";
    this.stream = new MirroredStream(connection, name);
    this.mirror = new StreamMirror(log, content, stream, "", bodyBytesMax, clock);
    this.beside = new MirroredStream(connection, besideName);
    this.besideMirror = new StreamMirror(log, content, beside, besidePrefix, bodyBytesMax, clock);
  }

  /**
   * What was done to a stream.
   *
   * @param deleted messages that were taken away
   * @param published messages that were published, again or for the first time
   * @param besideMessages how many of those were built beside the stream before
   * @param digest of the stream now, which is that of the log
   */
  record Repaired(
      long deleted, long published, long besideMessages, long messages, String digest) {}

  /**
   * Repairs.
   *
   * @param cursor how far the stream was published when it was taken
   * @throws BusFailure when the server fails, or somebody else changes the stream meanwhile
   */
  Repaired run(BridgeCursor cursor) {
    beside.deleteIfThere();
    StreamInfo info = state();
    Outcome found = compare(mirror, info, cursor.position(), "comparing");
    if (found.isExact()) {
      return new Repaired(0, 0, 0, found.messages(), found.digest());
    }
    Repair repair = found.repair();
    long besideMessages = repair.order() ? buildBeside(repair.refillBehind(), found.through()) : 0;
    hold.moveTo(new BridgeCursor(repair.refillBehind(), BridgeCursor.UNKNOWN));
    long deleted = delete(repair, info);
    long published = 0;
    if (repair.refills()) {
      published = refill(repair, found.through(), besideMessages > 0);
    }
    Outcome now = compare(mirror, state(), found.through(), "comparing again");
    if (!now.isExact()) {
      throw new BusFailure(
          "somebody else changes %s: after its repair it is not exact: %s"
              .formatted(content.stream(), now.counts()),
          null);
    }
    hold.moveTo(new BridgeCursor(now.through(), state().getStreamState().getLastSequence()));
    beside.deleteIfThere();
    return new Repaired(deleted, published, besideMessages, now.messages(), now.digest());
  }

  private StreamInfo state() {
    return stream.find().orElseThrow(() -> new BusFailure(content.stream() + " is gone", null));
  }

  private Outcome compare(StreamMirror held, StreamInfo info, long through, String phase) {
    long messages = info.getStreamState().getMsgCount();
    tell(phase, 0, messages);
    Optional<StreamInfo> there = Optional.of(info);
    return held.compare(
        there,
        held.forgottenThrough(there, through),
        through,
        NO_EXAMPLES,
        read -> tell(phase, read, messages));
  }

  private void tell(String phase, long done, long total) {
    hold.check();
    progress.reached(content.stream().name(), phase, done, total);
  }

  private LongConsumer telling(String phase, long total) {
    return done -> tell(phase, done, total);
  }

  /** Everything from the first fault on; the stream is as it was until this is exact. */
  private long buildBeside(long behind, long through) {
    StreamInfo made =
        beside.create(
            StreamConfiguration.builder()
                .name(besideName)
                .subjects(besidePrefix + ">")
                .storageType(StorageType.File)
                .replicas(replicas)
                .maxAge(BESIDE_MAX_AGE)
                .build());
    beside.append(
        new Entries(mirror.expected(behind), through, besidePrefix),
        made.getStreamState().getLastSequence(),
        telling("building beside", through - behind));
    StreamInfo built =
        beside.find().orElseThrow(() -> new BusFailure(besideName + " is gone", null));
    long messages = built.getStreamState().getMsgCount();
    Outcome outcome =
        besideMirror.compare(
            Optional.of(built),
            behind,
            through,
            NO_EXAMPLES,
            telling("checking what was built", messages));
    if (!outcome.isExact()) {
      throw new BusFailure(
          "%s is not as the log says, and nothing was changed: %s"
              .formatted(besideName, outcome.counts()),
          null);
    }
    return messages;
  }

  private long delete(Repair repair, StreamInfo info) {
    long messages = repair.remove().cardinality();
    if (messages == 0 && !repair.refills()) {
      return 0;
    }
    stream.forgetMessageIds();
    if (messages == info.getStreamState().getMsgCount()) {
      stream.purge();
    } else {
      stream.delete(repair.remove(), repair.firstSequence(), telling("removing", messages));
    }
    return messages;
  }

  private long refill(Repair repair, long through, boolean fromBeside) {
    long before = state().getStreamState().getLastSequence();
    long last;
    if (fromBeside) {
      StreamInfo built =
          beside.find().orElseThrow(() -> new BusFailure(besideName + " is gone", null));
      try (FoundMessages messages = beside.messages(built.getStreamState())) {
        last =
            stream.append(
                new Built(messages, besidePrefix),
                before,
                telling("putting in place", built.getStreamState().getMsgCount()));
      }
    } else {
      last =
          stream.append(
              new Entries(mirror.expected(repair.refillBehind()), through, ""),
              before,
              telling("publishing", through - repair.refillBehind()));
    }
    return last - before;
  }

  /** What the log says, up to a position. */
  private record Entries(ExpectedMessages expected, long through, String prefix)
      implements Iterator<StreamMessage> {

    @Override
    public boolean hasNext() {
      Expected next = expected.peek();
      return next != null && next.position() <= through;
    }

    @Override
    public StreamMessage next() {
      Expected next = expected.peek();
      if (next == null) {
        throw new NoSuchElementException();
      }
      expected.advance();
      StreamMessage message = next.message();
      return new StreamMessage(prefix + message.subject(), message.headers(), message.body());
    }
  }

  /** What was built beside, with the subjects that it is meant for. */
  private static final class Built implements Iterator<StreamMessage> {
    private final FoundMessages messages;
    private final String prefix;
    private @Nullable FoundMessage next;

    Built(FoundMessages messages, String prefix) {
      this.messages = messages;
      this.prefix = prefix;
      this.next = messages.next();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public StreamMessage next() {
      FoundMessage present = next;
      if (present == null) {
        throw new NoSuchElementException();
      }
      next = messages.next();
      return new StreamMessage(
          present.subject().substring(prefix.length()), present.headers(), present.body());
    }
  }
}

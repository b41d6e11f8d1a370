package io.agentflow.bridge;

import io.agentflow.bridge.ExpectedMessages.Expected;
import io.agentflow.bridge.MirrorComparison.Outcome;
import io.agentflow.bridge.MirrorFinding.Kind;
import io.agentflow.bridge.MirrorVerification.StreamVerification;
import io.agentflow.eventstore.LogReader;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** One stream, to be held against what the log says that it has to tell. */
final class StreamMirror {

  /** By so much clocks may differ, so that what grew too old is not called missing. */
  private static final Duration CLOCKS_DIFFER_MAX = Duration.ofMinutes(1);

  /** A stream of which this part is filled may have forgotten messages for its size. */
  private static final double FULL = 0.9;

  private static final long ALL_OF_IT = 0;
  private static final int TOLD_EVERY = 1_000;

  private final LogReader log;
  private final StreamContent content;
  private final MirroredStream stream;
  private final String subjectPrefix;
  private final long bodyBytesMax;
  private final Clock clock;

  /**
   * A stream's mirror.
   *
   * @param subjectPrefix stands before each subject in the stream
   * @param bodyBytesMax above this an entry is told as a reference
   */
  StreamMirror(
      LogReader log,
      StreamContent content,
      MirroredStream stream,
      String subjectPrefix,
      long bodyBytesMax,
      Clock clock) {
    this.log = log;
    this.content = content;
    this.stream = stream;
    this.subjectPrefix = subjectPrefix;
    this.bodyBytesMax = bodyBytesMax;
    this.clock = clock;
  }

  ExpectedMessages expected(long behind) {
    return new ExpectedMessages(log, content, bodyBytesMax, behind);
  }

  /**
   * Which entries the stream cannot be asked for any more, by its age or its size: those up to this
   * position. What somebody deleted at its beginning is not among them, as long as the stream would
   * still have it by its limits.
   */
  long forgottenThrough(Optional<StreamInfo> info, long publishedThrough) {
    if (info.isEmpty()) {
      return ALL_OF_IT;
    }
    StreamState state = info.get().getStreamState();
    if (state.getLastSequence() == 0 || state.getFirstSequence() == 1) {
      return ALL_OF_IT;
    }
    long beforeFirst = firstPosition(state).map(first -> first - 1).orElse(publishedThrough);
    StreamConfiguration limits = info.get().getConfiguration();
    if (isFull(state, limits)) {
      return beforeFirst;
    }
    if (limits.getMaxAge() == null || limits.getMaxAge().isZero()) {
      return ALL_OF_IT;
    }
    Instant keptSince = clock.instant().minus(limits.getMaxAge()).plus(CLOCKS_DIFFER_MAX);
    return Math.min(beforeFirst, log.positionBefore(keptSince));
  }

  private static boolean isFull(StreamState state, StreamConfiguration limits) {
    return limits.getDiscardPolicy() == DiscardPolicy.Old
        && (reaches(state.getByteCount(), limits.getMaxBytes())
            || reaches(state.getMsgCount(), limits.getMaxMsgs()));
  }

  private static boolean reaches(long amount, long max) {
    return max > 0 && amount >= FULL * max;
  }

  /** Of the first message that the log knows. */
  private Optional<Long> firstPosition(StreamState state) {
    ExpectedMessages expected = expected(ALL_OF_IT);
    try (FoundMessages messages = stream.messages(state)) {
      for (FoundMessage message = messages.next(); message != null; message = messages.next()) {
        String id = message.id();
        Optional<Expected> entry =
            message.position() <= 0
                ? Optional.empty()
                : expected.at(message.position()).filter(told -> told.id().equals(id));
        if (entry.isPresent()) {
          return Optional.of(entry.get().position());
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Reads the stream to where it ends now, and the log in step.
   *
   * @param behind what the stream has to tell begins behind this position
   * @param publishedThrough everything up to here was acknowledged before the stream was looked at
   * @param step told how many messages were read
   */
  Outcome compare(
      Optional<StreamInfo> info,
      long behind,
      long publishedThrough,
      int examplesMax,
      LongConsumer step) {
    Optional<StreamState> state = info.map(StreamInfo::getStreamState);
    MirrorComparison comparison =
        new MirrorComparison(
            expected(behind),
            behind,
            subjectPrefix,
            examplesMax,
            state.map(StreamState::getFirstSequence).orElse(1L));
    state.ifPresent(there -> read(there, comparison, step));
    return comparison.end(publishedThrough);
  }

  private void read(StreamState state, MirrorComparison comparison, LongConsumer step) {
    long read = 0;
    try (FoundMessages messages = stream.messages(state)) {
      for (FoundMessage message = messages.next(); message != null; message = messages.next()) {
        comparison.take(message);
        read++;
        if (read % TOLD_EVERY == 0) {
          step.accept(read);
        }
      }
    }
  }

  /** What people are told of it. */
  StreamVerification verify(
      long publishedThrough, int examplesMax, MirrorVerification.Progress progress) {
    String name = content.stream().name();
    Optional<StreamInfo> info = stream.find();
    long messages = info.map(found -> found.getStreamState().getMsgCount()).orElse(0L);
    progress.reached(name, "comparing", 0, messages);
    long beganNanos = System.nanoTime();
    long behind = forgottenThrough(info, publishedThrough);
    Outcome outcome =
        compare(
            info,
            behind,
            publishedThrough,
            examplesMax,
            read -> progress.reached(name, "comparing", read, messages));
    long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNanos));
    progress.reached(name, "comparing", messages, messages);
    return new StreamVerification(
        name,
        outcome.isExact(),
        info.isPresent(),
        outcome.through(),
        behind,
        Math.max(0, log.headPosition() - outcome.through()),
        outcome.messages(),
        outcome.entries(),
        info.map(found -> found.getStreamState().getFirstSequence()).orElse(0L),
        info.map(found -> found.getStreamState().getLastSequence()).orElse(0L),
        outcome.digest(),
        outcome.logDigest(),
        outcome.count(Kind.MISSING),
        outcome.count(Kind.FOREIGN),
        outcome.count(Kind.ALTERED),
        outcome.count(Kind.DUPLICATE),
        outcome.count(Kind.OUT_OF_ORDER),
        outcome.messages() * TimeUnit.SECONDS.toMicros(1) / micros,
        outcome.findings());
  }
}

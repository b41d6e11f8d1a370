package io.agentflow.bridge;

import io.agentflow.bridge.ExpectedMessages.Expected;
import io.agentflow.bridge.MirrorFinding.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds a stream against the log, message by message, and finds out what would make it right.
 *
 * <p>Memory: three bits for each position of the log that is compared, one for each sequence
 * number, a page of the log, and as many findings as are asked for.
 */
final class MirrorComparison {

  private static final int SUPERFLUOUS_MAX = 100_000;

  private final ExpectedMessages log;
  private final long behind;
  private final String subjectPrefix;
  private final int examplesMax;
  private final long firstSequence;

  private final BitSet expected = new BitSet();
  private final BitSet told = new BitSet();
  private final BitSet altered = new BitSet();
  private final BitSet stored = new BitSet();
  private final MirrorDigest streamDigest = new MirrorDigest();
  private final MirrorDigest logDigest = new MirrorDigest();
  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
  private final List<MirrorFinding> findings = new ArrayList<>();
  private long messages;
  private long passedThrough;

  /** Of messages that stand between others that are in place. */
  private final List<Long> superfluous = new ArrayList<>();

  private long keptThrough;
  private boolean isBroken;
  private boolean isOrderBroken;
  private long refillBehind;

  /**
   * A comparison that has not begun.
   *
   * @param log stands behind {@code behind}
   * @param behind what the stream has to hold begins behind this position
   * @param subjectPrefix stands before each subject in the stream
   * @param examplesMax so many findings of each kind are named
   * @param firstSequence of the stream
   */
  MirrorComparison(
      ExpectedMessages log,
      long behind,
      String subjectPrefix,
      int examplesMax,
      long firstSequence) {
    this.log = log;
    this.behind = behind;
    this.subjectPrefix = subjectPrefix;
    this.examplesMax = examplesMax;
    this.firstSequence = firstSequence;
    this.passedThrough = behind;
    this.refillBehind = behind;
  }

  /** The stream's next message. */
  void take(FoundMessage message) {
    messages++;
    stored.set(Math.toIntExact(message.sequence() - firstSequence));
    streamDigest.add(withoutPrefix(message.subject()), message.headers(), message.body());
    Expected next = log.peek();
    Expected entry = entryOf(message, next);
    if (entry == null) {
      superfluous(message, Kind.FOREIGN, null, "no entry of the log has this position and id");
      return;
    }
    Expected asTold = log.inFormOf(entry, message.body());
    String differences = differences(message, asTold);
    if (!differences.isEmpty()) {
      mark(altered, entry);
      superfluous(message, Kind.ALTERED, entry, differences + " not as in the log");
    } else if (isMarked(told, entry)) {
      superfluous(message, Kind.DUPLICATE, entry, "told before");
    } else if (entry.position() <= passedThrough) {
      mark(told, entry);
      superfluous(message, Kind.OUT_OF_ORDER, entry, "behind a later one");
    } else {
      mark(told, entry);
      inOrder(message, asTold, next);
    }
  }

  private void inOrder(FoundMessage message, Expected asTold, @Nullable Expected next) {
    if (next != null && next.position() < asTold.position()) {
      breakBefore(next);
      isOrderBroken = true;
      passBefore(asTold.position());
    }
    if (!isBroken) {
      keptThrough = message.sequence();
    }
    pass(asTold);
  }

  private static @Nullable Expected nullable(java.util.Optional<Expected> entry) {
    return entry.orElse(null);
  }

  /** Position and id have to be of the same entry; at its own place the id alone will do. */
  private @Nullable Expected entryOf(FoundMessage message, @Nullable Expected next) {
    if (next != null && next.id().equals(message.id())) {
      return next;
    }
    return message.position() <= 0
        ? null
        : nullable(log.at(message.position()).filter(entry -> entry.id().equals(message.id())));
  }

  private String differences(FoundMessage message, Expected entry) {
    List<String> differing = new ArrayList<>();
    if (!message.subject().equals(subjectPrefix + entry.message().subject())) {
      differing.add("subject");
    }
    if (!message.headers().equals(entry.headers())) {
      differing.add("headers");
    }
    if (!Arrays.equals(message.body(), entry.message().body())) {
      differing.add("body");
    }
    return String.join(", ", differing);
  }

  private String withoutPrefix(String subject) {
    return subject.startsWith(subjectPrefix) ? subject.substring(subjectPrefix.length()) : subject;
  }

  private void superfluous(
      FoundMessage message, Kind kind, @Nullable Expected entry, String detail) {
    found(
        new MirrorFinding(
            kind,
            entry == null ? null : Long.valueOf(entry.position()),
            message.id(),
            message.sequence(),
            withoutPrefix(message.subject()),
            detail));
    if (!isBroken) {
      superfluous.add(message.sequence());
      Expected next = log.peek();
      if (superfluous.size() > SUPERFLUOUS_MAX && next != null) {
        breakBefore(next);
        isOrderBroken = true;
      }
    }
  }

  private void found(MirrorFinding finding) {
    if (counts.merge(finding.kind(), 1L, Long::sum) <= examplesMax) {
      findings.add(finding);
    }
  }

  /** From here on the stream is not what it has to be. */
  private void breakBefore(Expected missing) {
    if (!isBroken) {
      isBroken = true;
      refillBehind = missing.position() - 1;
    }
  }

  private void passBefore(long position) {
    for (Expected next = log.peek();
        next != null && next.position() < position;
        next = log.peek()) {
      pass(next);
    }
  }

  private void pass(Expected entry) {
    mark(expected, entry);
    logDigest.add(entry.message().subject(), entry.headers(), entry.message().body());
    passedThrough = entry.position();
    log.advance();
  }

  private void mark(BitSet positions, Expected entry) {
    if (entry.position() > behind) {
      positions.set(index(entry));
    }
  }

  private boolean isMarked(BitSet positions, Expected entry) {
    return entry.position() > behind && positions.get(index(entry));
  }

  private int index(Expected entry) {
    return Math.toIntExact(entry.position() - behind);
  }

  /**
   * What came of it.
   *
   * @param throughPosition up to here everything had been published when the stream was read
   */
  Outcome end(long throughPosition) {
    long through = Math.max(throughPosition, passedThrough);
    for (Expected next = log.peek();
        next != null && next.position() <= through;
        next = log.peek()) {
      breakBefore(next);
      pass(next);
    }
    nameMissing();
    return new Outcome(
        through,
        messages,
        expected.cardinality(),
        streamDigest.hex(),
        logDigest.hex(),
        Map.copyOf(counts),
        List.copyOf(findings),
        repair());
  }

  private void nameMissing() {
    BitSet missing = (BitSet) expected.clone();
    missing.andNot(told);
    missing.andNot(altered);
    int named = 0;
    for (int i = missing.nextSetBit(0);
        i >= 0 && named < examplesMax;
        i = missing.nextSetBit(i + 1)) {
      log.at(behind + i)
          .ifPresent(
              entry ->
                  findings.add(
                      new MirrorFinding(
                          Kind.MISSING,
                          entry.position(),
                          entry.id(),
                          null,
                          entry.message().subject(),
                          "published, and not there")));
      named++;
    }
    if (!missing.isEmpty()) {
      counts.put(Kind.MISSING, (long) missing.cardinality());
    }
  }

  private Repair repair() {
    BitSet remove = (BitSet) stored.clone();
    if (isBroken) {
      remove.clear(0, Math.toIntExact(Math.max(0, keptThrough - firstSequence + 1)));
    } else {
      remove.clear();
    }
    superfluous.forEach(sequence -> remove.set(Math.toIntExact(sequence - firstSequence)));
    return new Repair(isBroken, isOrderBroken, keptThrough, refillBehind, firstSequence, remove);
  }

  /**
   * How stream and log compare.
   *
   * @param through up to this position
   * @param entries how many there are to tell
   * @param findings some of each kind
   */
  record Outcome(
      long through,
      long messages,
      long entries,
      String digest,
      String logDigest,
      Map<Kind, Long> counts,
      List<MirrorFinding> findings,
      Repair repair) {

    boolean isExact() {
      return counts.isEmpty() && digest.equals(logDigest);
    }

    long count(Kind kind) {
      return counts.getOrDefault(kind, 0L);
    }
  }

  /**
   * What would make the stream right.
   *
   * @param refills whether there is something to publish, behind {@code refillBehind}
   * @param order whether messages of the log stand where others have to go first
   * @param keptThrough the last message that stays, but for those to remove before it; 0 for none
   * @param refillBehind a position of the log
   * @param remove sequence numbers, counted from {@code firstSequence}
   */
  record Repair(
      boolean refills,
      boolean order,
      long keptThrough,
      long refillBehind,
      long firstSequence,
      BitSet remove) {}
}

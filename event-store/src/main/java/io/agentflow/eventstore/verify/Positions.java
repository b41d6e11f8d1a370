package io.agentflow.eventstore.verify;

/**
 * Whether positions are 1, 2, 3, … without gap or repetition, whatever the order they are seen in
 * and in no more memory than a sum: each position adds a number that is drawn by a secret seed, so
 * two sets with one sum are not to be found.
 */
final class Positions {

  private final long seed;
  private long sum;
  private long count;

  /**
   * Of nothing yet.
   *
   * @param seed drawn anew for each verification
   */
  Positions(long seed) {
    this.seed = seed;
  }

  void add(long position) {
    sum += drawn(position);
    count++;
  }

  void addAll(Positions others) {
    sum += others.sum;
    count += others.count;
  }

  long count() {
    return count;
  }

  /** Whether each of 1 to the count was seen once. */
  boolean isGapless() {
    long expected = 0;
    for (long position = 1; position <= count; position++) {
      expected += drawn(position);
    }
    return expected == sum;
  }

  /** SplitMix64's finishing step, twice: one round with a known seed could be undone. */
  private long drawn(long position) {
    return mixed(mixed(position + seed) ^ Long.rotateLeft(seed, 32));
  }

  private static long mixed(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}

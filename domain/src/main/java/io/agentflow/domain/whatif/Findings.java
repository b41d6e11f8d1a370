package io.agentflow.domain.whatif;

import io.agentflow.domain.Spend;
import io.agentflow.domain.whatif.Difference.Kind;
import io.agentflow.domain.whatif.Difference.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The differences of one workflow while they are found. */
final class Findings {

  private final List<Finding> all = new ArrayList<>();

  /** One that may still come to cost more. */
  static final class Finding {
    private final long position;
    private final Instant at;
    private final Kind kind;
    private final String subject;
    private final Outcome recorded;
    private final Outcome underRule;
    private final String because;
    private final @Nullable Spend remaining;
    private Spend recordedCost = Spend.NONE;
    private Spend cost = Spend.NONE;

    private Finding(
        long position,
        Instant at,
        Kind kind,
        String subject,
        Outcome recorded,
        Outcome underRule,
        String because,
        @Nullable Spend remaining) {
      this.position = position;
      this.at = at;
      this.kind = kind;
      this.subject = subject;
      this.recorded = recorded;
      this.underRule = underRule;
      this.because = because;
      this.remaining = remaining;
    }

    void costs(Spend was, Spend underTheRule) {
      recordedCost = recordedCost.plus(was);
      cost = cost.plus(underTheRule);
    }

    private Difference difference(boolean first) {
      return new Difference(
          position,
          at,
          kind,
          subject,
          recorded,
          underRule,
          because,
          recordedCost,
          cost,
          remaining,
          first);
    }
  }

  /** Where something is found. */
  record Place(long position, Instant at) {}

  Finding add(
      Place place, Kind kind, String subject, Outcome recorded, Outcome underRule, String because) {
    return add(place, kind, subject, recorded, underRule, because, null);
  }

  Finding add(
      Place place,
      Kind kind,
      String subject,
      Outcome recorded,
      Outcome underRule,
      String because,
      @Nullable Spend remaining) {
    Finding found =
        new Finding(
            place.position(), place.at(), kind, subject, recorded, underRule, because, remaining);
    all.add(found);
    return found;
  }

  /** It turned out to have been decided so as well. */
  void remove(Finding found) {
    all.remove(found);
  }

  List<Difference> differences() {
    List<Difference> differences = new ArrayList<>();
    boolean first = true;
    for (Finding found : all) {
      boolean decides = found.kind != Kind.COST;
      differences.add(found.difference(first));
      first &= !decides;
    }
    return differences;
  }
}

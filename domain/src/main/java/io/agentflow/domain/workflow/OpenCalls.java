package io.agentflow.domain.workflow;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/** The few calls that wait for their results: a small set, copied when it changes. */
final class OpenCalls {

  private OpenCalls() {}

  static SequencedSet<String> none() {
    return Collections.unmodifiableSequencedSet(new LinkedHashSet<>());
  }

  static SequencedSet<String> with(SequencedSet<String> open, String callId) {
    SequencedSet<String> changed = new LinkedHashSet<>(open);
    changed.add(callId);
    return Collections.unmodifiableSequencedSet(changed);
  }

  static SequencedSet<String> without(SequencedSet<String> open, String callId) {
    SequencedSet<String> changed = new LinkedHashSet<>(open);
    changed.remove(callId);
    return Collections.unmodifiableSequencedSet(changed);
  }
}

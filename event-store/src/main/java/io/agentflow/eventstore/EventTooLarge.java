package io.agentflow.eventstore;

/** What was to be appended is larger than an event of the log may be; nothing was appended. */
public final class EventTooLarge extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public EventTooLarge(String eventType, int chars, int charsMax) {
    super(
        "the event %s would have %d characters of JSON; an event has at most %d"
            .formatted(eventType, chars, charsMax));
  }
}

package io.agentflow.eventstore;

import java.util.HashMap;
import java.util.Map;

/** Which class an event type is read into, and how a class is called in storage. Fails closed. */
public final class EventTypes {

  private final Map<Class<?>, EventType> typeByClass;
  private final Map<EventType, Class<?>> classByType = new HashMap<>();

  /**
   * The catalogue of what this node can read and write.
   *
   * @throws IllegalArgumentException when two classes share a name and version
   */
  public EventTypes(Map<Class<?>, EventType> typeByClass) {
    this.typeByClass = Map.copyOf(typeByClass);
    typeByClass.forEach(
        (eventClass, type) -> {
          if (classByType.put(type, eventClass) != null) {
            throw new IllegalArgumentException("two classes are stored as " + type);
          }
        });
  }

  /**
   * How an event of this class is called in the log.
   *
   * @throws UnknownEventType when it has no spoken name
   */
  public EventType typeOf(Class<?> eventClass) {
    EventType type = typeByClass.get(eventClass);
    if (type == null) {
      throw new UnknownEventType("no spoken name is known for " + eventClass.getName());
    }
    return type;
  }

  /**
   * The class that an entry is read into.
   *
   * @throws UnknownEventType when this node does not know the name or the version
   */
  public Class<?> classOf(EventType type) {
    Class<?> eventClass = classByType.get(type);
    if (eventClass == null) {
      throw new UnknownEventType(
          "the log has an event of type %s, which this version of AgentFlow does not know"
              .formatted(type));
    }
    return eventClass;
  }

  /** An event that cannot be written or read by this node; nothing is guessed. */
  public static final class UnknownEventType extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownEventType(String message) {
      super(message);
    }
  }
}

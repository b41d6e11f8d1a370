package io.agentflow.eventstore;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which class an event type is read into, by which upcasters, and how a class is called in storage.
 * Fails closed: a name or version that is not known here is refused, never skipped or guessed.
 */
public final class EventTypes {

  private final Map<Class<?>, EventType> typeByClass;
  private final Map<EventType, Class<?>> classByType = new HashMap<>();
  private final Map<EventType, Upcaster> upcasters = new HashMap<>();

  /** The catalogue of what this node can read and write, where nothing has an earlier form. */
  public EventTypes(Map<Class<?>, EventType> typeByClass) {
    this(typeByClass, List.of());
  }

  /**
   * The catalogue of what this node can read and write.
   *
   * @throws IllegalArgumentException when two classes or two upcasters claim a type, or when
   *     upcasters lead nowhere or in a circle
   */
  public EventTypes(Map<Class<?>, EventType> typeByClass, List<Upcaster> upcasters) {
    this.typeByClass = Map.copyOf(typeByClass);
    typeByClass.forEach(
        (eventClass, type) -> {
          if (classByType.put(type, eventClass) != null) {
            throw new IllegalArgumentException("two classes are stored as " + type);
          }
        });
    for (Upcaster upcaster : upcasters) {
      if (classByType.containsKey(upcaster.from())
          || this.upcasters.put(upcaster.from(), upcaster) != null) {
        throw new IllegalArgumentException("there are two ways to read " + upcaster.from());
      }
    }
    upcasters.forEach(upcaster -> checkLeadsToClass(upcaster.from()));
  }

  private void checkLeadsToClass(EventType from) {
    Set<EventType> seen = new HashSet<>();
    EventType type = from;
    while (!classByType.containsKey(type)) {
      Upcaster upcaster = upcasters.get(type);
      if (upcaster == null || !seen.add(type)) {
        throw new IllegalArgumentException(
            "the upcasters of %s end at %s, which no class is read from".formatted(from, type));
      }
      type = upcaster.to();
    }
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
   * The class that an entry of this type is read into, after its upcasters.
   *
   * @throws UnknownEventType when this node does not know the name or the version
   */
  public Class<?> classOf(EventType type) {
    Class<?> eventClass = classByType.get(type);
    if (eventClass != null) {
      return eventClass;
    }
    return classOf(upcaster(type).to());
  }

  /** Whether the type's JSON is not what its class is written as, but has to be changed first. */
  public boolean isEarlier(EventType type) {
    return upcasters.containsKey(type);
  }

  /**
   * The payload in the form that {@link #classOf} reads.
   *
   * @throws UnknownEventType when this node does not know the name or the version
   */
  public ObjectNode upcast(EventType type, ObjectNode payload) {
    if (classByType.containsKey(type)) {
      return payload;
    }
    Upcaster upcaster = upcaster(type);
    return upcast(upcaster.to(), upcaster.change().apply(payload));
  }

  private Upcaster upcaster(EventType type) {
    @Nullable Upcaster upcaster = upcasters.get(type);
    if (upcaster == null) {
      throw new UnknownEventType(
          "the log has an event of type %s, which this version of AgentFlow does not know"
              .formatted(type));
    }
    return upcaster;
  }

  /** An event that cannot be written or read by this node; nothing is guessed. */
  public static final class UnknownEventType extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownEventType(String message) {
      super(message);
    }
  }
}

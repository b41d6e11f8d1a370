package io.agentflow.server.wiring;

import io.agentflow.application.port.BusUnavailable;
import io.agentflow.application.port.HistoryReplay;
import io.agentflow.bridge.BusFailure;
import io.agentflow.bridge.Replay;
import io.agentflow.eventstore.LogEntry;
import java.util.List;
import java.util.Optional;

/** Histories are published again by the bridge's {@link Replay}. */
final class NatsReplay implements HistoryReplay, AutoCloseable {

  private final Replay replay;

  NatsReplay(Replay replay) {
    this.replay = replay;
  }

  private static Replay.Course bridged(Course course) {
    return new Replay.Course(course.tenantId(), course.replayId(), course.to(), course.digest());
  }

  @Override
  public Optional<Told> lastTold(Course course) {
    try {
      return replay.lastTold(bridged(course)).map(told -> new Told(told.position(), told.digest()));
    } catch (BusFailure e) {
      throw new BusUnavailable(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Published publish(Course course, List<LogEntry> entries) {
    try {
      Replay.Published published = replay.publish(bridged(course), entries);
      return new Published(published.position(), published.fault());
    } catch (BusFailure e) {
      throw new BusUnavailable(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    replay.close();
  }
}

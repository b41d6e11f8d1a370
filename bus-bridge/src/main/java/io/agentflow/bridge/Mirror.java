package io.agentflow.bridge;

import io.agentflow.bridge.MirrorVerification.Progress;
import io.agentflow.bridge.MirrorVerification.StreamVerification;
import io.agentflow.bridge.StreamRepair.Repaired;
import io.agentflow.eventstore.LogReader;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** Are the streams what the log says, and if not, make them so. */
public final class Mirror {

  private static final Duration LET_GO_WITHIN = Duration.ofSeconds(20);
  private static final String WAITING = "waiting for the bridge to let go";

  private final DataSource dataSource;
  private final LogReader log;
  private final Bus bus;
  private final Clock clock;

  public Mirror(DataSource dataSource, LogReader log, Bus bus, Clock clock) {
    this.dataSource = dataSource;
    this.log = log;
    this.bus = bus;
    this.clock = clock;
  }

  /** The names of the streams that mirror the log. */
  public static List<String> streams() {
    return StreamContents.ALL.stream().map(content -> content.stream().name()).toList();
  }

  private static List<StreamContent> contents(List<String> streams) {
    return StreamContents.ALL.stream()
        .filter(content -> streams.contains(content.stream().name()))
        .toList();
  }

  /**
   * Holds streams against the log, while everything goes on: what is published meanwhile is left
   * for another time.
   *
   * @param streams of {@link #streams}
   * @param examplesMax so many findings of each kind are named
   * @throws BusFailure when NATS does not answer
   * @throws io.agentflow.eventstore.LogUnavailable when the database does not
   */
  public MirrorVerification verify(List<String> streams, int examplesMax, Progress progress) {
    long beganNanos = System.nanoTime();
    List<StreamVerification> verified = new ArrayList<>();
    try (Bus visit = bus.another()) {
      for (StreamContent content : contents(streams)) {
        // First how far it is published, then the stream: so what is published is there.
        long through = BridgeCursor.of(dataSource, content.stream()).position();
        MirroredStream stream = new MirroredStream(visit.connected(), content.stream().name());
        verified.add(
            new StreamMirror(log, content, stream, "", visit.maxBodyBytes(), clock)
                .verify(through, examplesMax, progress));
      }
    }
    return new MirrorVerification(
        verified.stream().allMatch(StreamVerification::exact),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos),
        verified);
  }

  /**
   * Makes a stream exact; one that is gone is made again. The bridge does not publish it meanwhile;
   * commands are taken as ever.
   *
   * @param stream of {@link #streams}
   * @throws BusFailure when NATS does not answer or refuses, whoever publishes does not let go, or
   *     somebody else changes the stream meanwhile
   * @throws io.agentflow.eventstore.LogUnavailable when the database does not answer
   */
  Repaired repair(String stream, Progress progress) {
    StreamContent content = contents(List.of(stream)).getFirst();
    progress.reached(stream, WAITING, 0, 0);
    try (BridgeHold hold = BridgeHold.take(dataSource, content.stream(), LET_GO_WITHIN);
        Bus visit = bus.another()) {
      return new StreamRepair(
              log,
              content,
              hold,
              visit.ready(content.stream()),
              bus.configuration(content.stream()).getReplicas(),
              visit.maxBodyBytes(),
              clock,
              progress)
          .run(BridgeCursor.of(dataSource, content.stream()));
    }
  }
}

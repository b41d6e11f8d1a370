package io.agentflow.server.wiring;

import io.agentflow.application.port.BusUnavailable;
import io.agentflow.application.port.HistoryReplay;
import io.agentflow.bridge.BusFailure;
import io.agentflow.bridge.Replay;
import io.agentflow.bridge.telemetry.MessageSpans;
import io.agentflow.eventstore.LogEntry;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Histories are published again by the bridge's {@link Replay}. */
final class NatsReplay implements HistoryReplay, AutoCloseable {

  private final Replay replay;
  private final MessageSpans spans;

  NatsReplay(Replay replay, MessageSpans spans) {
    this.replay = replay;
    this.spans = spans;
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
  public Watched watched(Course course, @Nullable String workflowId, @Nullable String traceparent) {
    Span span =
        spans.replaying(
            workflowId == null ? course.replayId() : workflowId,
            bridged(course).subject(),
            traceparent);
    span.setAttribute("agentflow.tenant.id", course.tenantId());
    span.setAttribute("agentflow.replay.id", course.replayId());
    if (workflowId != null) {
      span.setAttribute("agentflow.workflow.id", workflowId);
    }
    return (messages, fault) -> {
      span.setAttribute("agentflow.replay.messages", messages);
      if (fault == null) {
        span.end();
      } else {
        MessageSpans.failed(span, new IllegalStateException(fault));
      }
    };
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

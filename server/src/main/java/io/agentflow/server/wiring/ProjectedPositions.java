package io.agentflow.server.wiring;

import java.util.function.ToLongFunction;
import org.axonframework.config.Configuration;
import org.axonframework.eventhandling.EventTrackerStatus;
import org.axonframework.eventhandling.StreamingEventProcessor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** How far each event processor of this node has come; 0 before it has begun. */
@Component
public class ProjectedPositions implements ToLongFunction<String> {

  /** Asked for when it is needed: the processors fill tables that in turn ask for positions. */
  private final ObjectProvider<Configuration> axon;

  ProjectedPositions(ObjectProvider<Configuration> axon) {
    this.axon = axon;
  }

  @Override
  public long applyAsLong(String processingGroup) {
    return axon.getObject()
        .eventProcessingConfiguration()
        .eventProcessor(processingGroup, StreamingEventProcessor.class)
        .map(ProjectedPositions::slowestSegment)
        .orElseThrow(() -> new IllegalArgumentException("no processing group " + processingGroup));
  }

  private static long slowestSegment(StreamingEventProcessor processor) {
    return processor.processingStatus().values().stream()
        .mapToLong(ProjectedPositions::position)
        .min()
        .orElse(0);
  }

  private static long position(EventTrackerStatus status) {
    return status.getCurrentPosition().orElse(0);
  }
}

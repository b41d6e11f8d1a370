package io.agentflow.server;

import io.agentflow.bridge.BridgeLoop;
import io.agentflow.bridge.BridgeStatus;
import io.agentflow.eventstore.LogReader;
import io.agentflow.projections.Projection;
import io.agentflow.projections.engine.ProjectionProcessors;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/status}: how far the log is appended, projected and published. */
@RestController
@RequestMapping("/v1/status")
class StatusHttp {

  private final LogReader log;
  private final ProjectionProcessors projected;
  private final BridgeLoop bridge;
  private final Instant startedAt = Instant.now();

  StatusHttp(LogReader log, ProjectionProcessors projected, BridgeLoop bridge) {
    this.log = log;
    this.projected = projected;
    this.bridge = bridge;
  }

  record Status(
      String version,
      Instant startedAt,
      LogStatus log,
      Map<String, Long> projections,
      BridgeStatus bridge) {}

  record LogStatus(long position, long tenants) {}

  /** Tells how far the log is appended, projected and published. */
  @GetMapping
  Status getStatus() {
    return new Status(
        Version.current(),
        startedAt,
        new LogStatus(log.headPosition(), log.tenants()),
        projected.projections().stream()
            .map(Projection::name)
            .collect(Collectors.toMap(Function.identity(), projected::applyAsLong)),
        bridge.status());
  }
}

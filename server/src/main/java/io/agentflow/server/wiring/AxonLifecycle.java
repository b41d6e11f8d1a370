package io.agentflow.server.wiring;

import io.agentflow.projections.engine.Projections;
import org.axonframework.config.Configuration;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Starts Axon before commands can come in, and stops it when none can come any more. */
@Component
class AxonLifecycle implements SmartLifecycle {

  private final Configuration axon;
  private final Projections projections;
  private volatile boolean running;

  AxonLifecycle(Configuration axon, Projections projections) {
    this.axon = axon;
    this.projections = projections;
  }

  @Override
  public void start() {
    axon.start();
    projections.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    projections.stop();
    axon.shutdown();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the web server and the timers, which start last of all. */
  @Override
  public int getPhase() {
    return 0;
  }
}

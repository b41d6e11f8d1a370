package io.agentflow.application;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Something that goes on from before the web server answers, until the server stops: on threads of
 * its own, each of which looks whether it {@link #isRunning} and is interrupted at the end.
 */
public abstract class UntilStopped implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(UntilStopped.class);

  private volatile boolean running;
  private List<Thread> threads = List.of();

  /** What goes on, by the names of the threads. */
  protected abstract Map<String, Runnable> goingOn();

  /** Waits; an interrupt ends that early. */
  protected static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether to stop");
    }
  }

  @Override
  public void start() {
    running = true;
    threads =
        goingOn().entrySet().stream()
            .map(one -> Thread.ofPlatform().name(one.getKey()).daemon().start(one.getValue()))
            .toList();
  }

  @Override
  public void stop() {
    running = false;
    threads.forEach(Thread::interrupt);
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** After Axon, and before the web server, whose requests ask here. */
  @Override
  public int getPhase() {
    return 1;
  }
}

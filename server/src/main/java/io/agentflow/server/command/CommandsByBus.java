package io.agentflow.server.command;

import io.agentflow.bridge.BusSettings;
import io.agentflow.bridge.command.CommandService;
import io.agentflow.bridge.command.WatchedCommands;
import io.agentflow.bridge.telemetry.BusTelemetry;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/** Takes commands from the bus for as long as the API answers. */
public final class CommandsByBus implements SmartLifecycle {

  private final WebServerApplicationContext context;
  private final BusSettings bus;
  private final String host;
  private final int inFlightMax;
  private final BusTelemetry telemetry;
  private @Nullable CommandsOverHttp api;
  private @Nullable CommandService service;

  /**
   * Nothing is taken yet.
   *
   * @param bus without a URL nothing is taken at all
   * @param host under which programs of this machine reach the API
   * @param inFlightMax so many commands of the bus are under way at once
   */
  public CommandsByBus(
      WebServerApplicationContext context,
      BusSettings bus,
      String host,
      int inFlightMax,
      BusTelemetry telemetry) {
    this.context = context;
    this.bus = bus;
    this.host = host;
    this.inFlightMax = inFlightMax;
    this.telemetry = telemetry;
  }

  @Override
  public void start() {
    if (bus.url().isPresent()) {
      int port = Objects.requireNonNull(context.getWebServer()).getPort();
      api = new CommandsOverHttp(URI.create("http://" + host + ":" + port), inFlightMax);
      service = new CommandService(bus, new WatchedCommands(api, telemetry));
      service.start();
    }
  }

  @Override
  public void stop() {
    if (service != null && api != null) {
      service.close();
      api.close();
      service = null;
    }
  }

  @Override
  public boolean isRunning() {
    return service != null;
  }

  /** After the web server has begun, and before it ends. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }
}

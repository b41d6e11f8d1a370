package io.agentflow.server.wiring;

import io.agentflow.bridge.BridgeLoop;
import io.agentflow.bridge.BridgeSettings;
import io.agentflow.bridge.Bus;
import io.agentflow.bridge.Mirror;
import io.agentflow.bridge.MirrorRepairs;
import io.agentflow.bridge.Replay;
import io.agentflow.bridge.telemetry.BusTelemetry;
import io.agentflow.eventstore.LogReader;
import io.agentflow.eventstore.LogTail;
import io.agentflow.server.Server;
import io.agentflow.server.ServerSettings;
import io.agentflow.server.command.CommandsByBus;
import io.agentflow.server.embedded.RunningBus;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The bus: the one that is named, one of our own, or none yet; and what tells the log to it. */
@Configuration(proxyBeanMethods = false)
class BusWiring {

  @Bean
  RunningBus runningBus(ServerSettings settings) {
    return RunningBus.find(settings.bus().url(), settings.home());
  }

  @Bean
  Bus bus(ServerSettings settings, RunningBus running) {
    return new Bus(settings.bus().at(running.url()));
  }

  @Bean(initMethod = "start")
  BridgeLoop bridgeLoop(
      DataSource dataSource, LogReader log, LogTail tail, Bus bus, BusTelemetry telemetry) {
    return new BridgeLoop(dataSource, log, tail, bus, BridgeSettings.DEFAULT, telemetry);
  }

  @Bean
  CommandsByBus commandsByBus(
      WebServerApplicationContext context,
      RunningBus running,
      ServerSettings settings,
      BusTelemetry telemetry) {
    return new CommandsByBus(
        context,
        settings.bus().at(running.url()),
        Server.reachable(settings.bind()),
        settings.busCommandsInFlight(),
        telemetry);
  }

  @Bean
  Mirror mirror(DataSource dataSource, LogReader log, Bus bus, Clock clock) {
    return new Mirror(dataSource, log, bus, clock);
  }

  @Bean
  MirrorRepairs mirrorRepairs(Mirror mirror, Clock clock) {
    return new MirrorRepairs(mirror, clock);
  }

  @Bean
  NatsReplay historyReplay(Bus bus, BusTelemetry telemetry) {
    return new NatsReplay(new Replay(bus, BridgeSettings.DEFAULT), telemetry.spans());
  }
}

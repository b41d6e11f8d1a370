package io.agentflow.server;

import io.agentflow.application.access.AccessSettings;
import io.agentflow.server.embedded.Database;
import io.agentflow.server.embedded.RunningBus;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** What a person is told when the server has started: where everything is, and what is missing. */
@Component
final class StartReport {

  private final Environment environment;
  private final AccessSettings access;
  private final Database database;
  private final RunningBus bus;

  StartReport(Environment environment, AccessSettings access, Database database, RunningBus bus) {
    this.environment = environment;
    this.access = access;
    this.database = database;
    this.bus = bus;
  }

  String text() {
    return """
    AgentFlow serves http://%s:%s
      log       %s
      bus       %s
      tokens    %s
    Ctrl-C stops it. Try: ./af status, ./af demo"""
        .formatted(
            environment.getProperty("server.address"),
            environment.getProperty("server.port"),
            database,
            bus.url()
                .orElse(
                    "none: the bridge waits. Give it one: ./dev setup fetches nats-server into"
                        + "\n            .agentflow/bin/, or put it on the PATH, or name one by"
                        + " AF_BUS_URL; then start again"),
            access.isDevelopment()
                ? "development: of this machine alone; af makes its own, 'af token' one for curl"
                : "of " + access.issuer());
  }
}

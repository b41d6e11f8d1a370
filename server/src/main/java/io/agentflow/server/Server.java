package io.agentflow.server;

import io.agentflow.application.access.AccessSettings;
import io.agentflow.application.idempotency.IdempotencySettings;
import io.agentflow.application.protection.ProtectionSettings;
import io.agentflow.application.replay.ReplaySettings;
import io.agentflow.application.stream.StreamSettings;
import io.agentflow.application.work.WorkSettings;
import io.agentflow.cli.DevelopmentKey;
import io.agentflow.server.embedded.Home;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.stream.IntStream;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The running server: everything between HTTP, the log and the bus. */
@SpringBootApplication(
    scanBasePackages = "io.agentflow",
    // What fails outside of controllers is answered as a problem too (RefusalsOfTomcat).
    exclude = ErrorMvcAutoConfiguration.class)
public class Server {

  private static final int PORT_FIRST = 8_080;
  private static final int PORTS_TRIED = 100;

  /**
   * Starts the server and returns once it answers. It ends with the process, which stops what it
   * started in the reverse order.
   *
   * @throws Home.AlreadyRunning when another server uses the same folder
   */
  static ConfigurableApplicationContext start(ServerSettings settings) {
    Home home = Home.take(settings.home());
    int port = settings.port().orElseGet(Server::freePort);
    SpringApplication application = new SpringApplication(Server.class);
    application.setBannerMode(Banner.Mode.OFF);
    application.setDefaultProperties(
        Map.of(
            "server.address",
            settings.bind().getHostAddress(),
            "server.port",
            port,
            "agentflow.command-body-limit",
            settings.commandBodyLimit(),
            "agentflow.plan-body-limit",
            settings.planBodyLimit(),
            "agentflow.body-time",
            settings.times().body(),
            "agentflow.answer-time",
            settings.times().answer()));
    application.addInitializers(given(settings, home));
    ConfigurableApplicationContext context = application.run();
    String url = "http://" + reachable(settings.bind()) + ":" + port;
    Home.writeWhole(
        home.addressFile(),
        "{\"url\":\"%s\",\"pid\":%d}\n".formatted(url, ProcessHandle.current().pid()));
    return context;
  }

  /** Where programs of this machine reach it. */
  public static String reachable(InetAddress bind) {
    if (bind.isAnyLocalAddress()) {
      return "127.0.0.1";
    }
    String address = bind.getHostAddress();
    return bind instanceof Inet6Address ? "[" + address + "]" : address;
  }

  /** In development tokens are signed by a key of this machine, which is made at first start. */
  private static AccessSettings access(ServerSettings settings, Home home) {
    return settings
        .issuer()
        .orElseGet(
            () -> {
              DevelopmentKey key =
                  DevelopmentKey.parse(
                      home.secret(DevelopmentKey.FILE, () -> DevelopmentKey.generate().json()));
              return AccessSettings.development(
                  DevelopmentKey.ISSUER, key.publicKey(), key.keyId());
            });
  }

  /** First in, last out: the home folder is let go when all that uses it has stopped. */
  private static ApplicationContextInitializer<GenericApplicationContext> given(
      ServerSettings settings, Home home) {
    return context -> {
      context.registerBean("home", Home.class, () -> home);
      context.registerBean("serverSettings", ServerSettings.class, () -> settings);
      context.registerBean("protectionSettings", ProtectionSettings.class, settings::protection);
      context.registerBean("accessSettings", AccessSettings.class, () -> access(settings, home));
      context.registerBean("workSettings", WorkSettings.class, settings::work);
      context.registerBean("idempotencySettings", IdempotencySettings.class, settings::idempotency);
      context.registerBean("streamSettings", StreamSettings.class, settings::streams);
      context.registerBean("replaySettings", ReplaySettings.class, settings::replays);
    };
  }

  private static int freePort() {
    return IntStream.range(PORT_FIRST, PORT_FIRST + PORTS_TRIED)
        .filter(Server::isFree)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no port from %d to %d is free; name one with --port"
                        .formatted(PORT_FIRST, PORT_FIRST + PORTS_TRIED - 1)));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}

package io.agentflow.bridge.command;

import io.agentflow.bridge.Bus;
import io.agentflow.bridge.BusSettings;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.service.Service;
import io.nats.service.ServiceEndpoint;
import io.nats.service.ServiceMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of the API as a NATS service (ADR-32), under {@code
 * af.<tenant>.commands.<operation>}: a request has the body and the headers that it has over HTTP,
 * and so has its reply. The service of each node is a member of one queue group, so that one of
 * them takes a request. It waits for a bus that is not there, and goes on when one comes back.
 */
public final class CommandService implements AutoCloseable {

  /** The status of an answer, as over HTTP. */
  public static final String STATUS_HEADER = "AF-Status";

  /** How many bytes an answer has that the server would not carry; its body is left out then. */
  public static final String OMITTED_HEADER = "AF-Omitted-Bytes";

  private static final Logger LOG = LoggerFactory.getLogger(CommandService.class);
  private static final String NAME = "agentflow-commands";

  /** Of what is said by request and reply; the operations have that of the contract. */
  private static final String VERSION = "1.0.0";

  private static final String SUBJECT = "af.*.commands.*";
  private static final int TENANT_TOKEN = 1;
  private static final int OPERATION_TOKEN = 3;
  private static final byte[] NOTHING = new byte[0];
  private static final int REFUSED_FROM = 400;
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(2);
  private static final Duration DRAIN_WITHIN = Duration.ofSeconds(5);

  private final BusSettings bus;
  private final CommandTarget target;
  private final Thread connecting =
      Thread.ofVirtual().name("bus-commands").unstarted(this::connectUntilClosed);
  private volatile boolean closed;
  private @Nullable Connection connection;
  private @Nullable Service service;

  /** A service to be. */
  public CommandService(BusSettings bus, CommandTarget target) {
    this.bus = bus;
    this.target = target;
  }

  /** Serves as soon as there is a bus; returns at once. */
  public void start() {
    connecting.start();
  }

  private void connectUntilClosed() {
    String told = "";
    while (!closed) {
      try {
        serve(Nats.connect(bus.connection(NAME).maxReconnects(-1).build()));
        return;
      } catch (IOException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(told)) {
          LOG.info("commands are not taken from the bus yet: {}", why);
          told = why;
        }
        pause();
      } catch (InterruptedException e) {
        LOG.debug("woken to look whether the service is closed");
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(BETWEEN_ATTEMPTS);
    } catch (InterruptedException e) {
      LOG.debug("woken to look whether the service is closed");
    }
  }

  /** From now on the connection itself reconnects, and subscribes anew. */
  private synchronized void serve(Connection connected) throws InterruptedException {
    if (closed) {
      connected.close();
      return;
    }
    connection = connected;
    service =
        Service.builder()
            .connection(connected)
            .name(NAME)
            .version(VERSION)
            .description("Commands, as over HTTP; see docs/bus.md")
            .drainTimeout(DRAIN_WITHIN)
            .addServiceEndpoint(
                ServiceEndpoint.builder()
                    .endpointName("commands")
                    .endpointSubject(SUBJECT)
                    .handler(request -> decide(connected, request))
                    .build())
            .build();
    CompletableFuture<Boolean> _ = service.startService();
    LOG.info("commands are taken under {}", SUBJECT);
  }

  /** The bus goes on telling meanwhile. */
  private void decide(Connection now, ServiceMessage request) {
    Thread.ofVirtual()
        .name("bus-command")
        .start(() -> answer(now, request, target.send(command(request))));
  }

  private static BusCommand command(ServiceMessage request) {
    String[] tokens = request.getSubject().split("\\.", -1);
    return new BusCommand(
        tokens[TENANT_TOKEN],
        tokens[OPERATION_TOKEN],
        headers(request),
        ByteBuffer.wrap(request.getData() == null ? NOTHING : request.getData()));
  }

  private static Map<String, String> headers(ServiceMessage request) {
    Map<String, String> headers = new HashMap<>();
    if (request.hasHeaders()) {
      request.getHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    }
    return headers;
  }

  /** Who only published, and asked for no reply, gets none. */
  private static void answer(Connection now, ServiceMessage request, BusAnswer answer) {
    if (request.getReplyTo() == null) {
      return;
    }
    Headers headers = new Headers();
    answer.headers().forEach(headers::put);
    headers.put(STATUS_HEADER, Integer.toString(answer.status()));
    if (answer.status() >= REFUSED_FROM) {
      headers.put(ServiceMessage.NATS_SERVICE_ERROR_CODE, Integer.toString(answer.status()));
      headers.put(ServiceMessage.NATS_SERVICE_ERROR, "refused; the body says why");
    }
    byte[] body = answer.body().array();
    if (body.length > Bus.maxBodyBytes(now)) {
      headers.put(OMITTED_HEADER, Integer.toString(body.length));
      body = NOTHING;
    }
    try {
      request.respond(now, body, headers);
    } catch (IllegalStateException | IllegalArgumentException e) {
      LOG.warn("an answer could not be sent: {}", e.getMessage());
    }
  }

  /** Takes no more; what is under way is answered, within five seconds. */
  @Override
  public void close() {
    closed = true;
    connecting.interrupt();
    try {
      connecting.join();
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void end() throws InterruptedException {
    if (service != null) {
      service.stop(true);
    }
    if (connection != null) {
      connection.close();
    }
  }
}

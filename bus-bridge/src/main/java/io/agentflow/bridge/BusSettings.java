package io.agentflow.bridge;

import io.nats.client.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the bus is, and how its streams are to be.
 *
 * @param url for example {@code nats://127.0.0.1:4222}, several with commas between, {@code tls://}
 *     for TLS, {@code user:password@} before the host; empty when there is no bus at all
 * @param credentials a {@code .creds} file with which to log in
 * @param limits of streams that differ from {@link BusStream#limits()}
 * @param replicas copies of each stream in a cluster
 * @param duplicateWindow for how long the server knows a message id again
 * @param full what happens to a stream that has reached its size
 * @param compressed whether streams are compressed on disk, which servers do from 2.10 on
 */
public record BusSettings(
    Optional<String> url,
    Optional<Path> credentials,
    Map<BusStream, StreamLimits> limits,
    int replicas,
    Duration duplicateWindow,
    WhenFull full,
    boolean compressed) {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration DUPLICATE_WINDOW_DEFAULT = Duration.ofMinutes(2);

  /** What a stream does that has reached its size. */
  public enum WhenFull {
    /** It forgets its oldest messages. */
    FORGET_OLDEST,
    /** It takes no more; the bridge waits until there is room. */
    REFUSE
  }

  public BusSettings {
    limits = Map.copyOf(limits);
  }

  /** A bus with streams as they are where nothing else is wanted. */
  public static BusSettings of(Optional<String> url) {
    return new BusSettings(
        url,
        Optional.empty(),
        Map.of(),
        1,
        DUPLICATE_WINDOW_DEFAULT,
        WhenFull.FORGET_OLDEST,
        false);
  }

  /** The same elsewhere. */
  public BusSettings at(Optional<String> elsewhere) {
    return new BusSettings(
        elsewhere, credentials, limits, replicas, duplicateWindow, full, compressed);
  }

  /** The same with a stream that holds this much. */
  public BusSettings with(BusStream stream, StreamLimits some) {
    Map<BusStream, StreamLimits> all = new EnumMap<>(BusStream.class);
    all.putAll(limits);
    all.put(stream, some);
    return new BusSettings(url, credentials, all, replicas, duplicateWindow, full, compressed);
  }

  /**
   * How to connect; whoever does says what becomes of a connection that breaks.
   *
   * @param name by which the server lists the connection
   * @throws IllegalStateException when there is no bus
   */
  public Options.Builder connection(String name) {
    Options.Builder options =
        Options.builder()
            .server(url.orElseThrow(() -> new IllegalStateException("there is no bus")))
            .connectionName(name)
            .connectionTimeout(CONNECT_TIMEOUT);
    credentials.ifPresent(file -> options.credentialPath(file.toString()));
    return options;
  }

  StreamLimits limits(BusStream stream) {
    return limits.getOrDefault(stream, stream.limits());
  }
}

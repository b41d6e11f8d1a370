package io.agentflow.bridge;

import io.agentflow.bridge.BusSettings.WhenFull;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.CompressionOption;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes a stream as the settings want it, and says what the server did not take: an older server
 * ignores what it does not know without a word, and some settings of a stream cannot be changed.
 */
final class StreamSetup {

  static final int NOT_FOUND = 404;

  private static final int INSUFFICIENT_STORAGE = 10_047;
  private static final int NO_CLUSTER = 10_074;
  private static final long UNLIMITED = -1;

  /** What we set, and so compare; the rest of a stream's configuration is left alone. */
  private static final Map<String, Function<StreamConfiguration, Object>> SETTINGS = settings();

  private final BusSettings settings;

  StreamSetup(BusSettings settings) {
    this.settings = settings;
  }

  private static Map<String, Function<StreamConfiguration, Object>> settings() {
    Map<String, Function<StreamConfiguration, Object>> all = new LinkedHashMap<>();
    all.put("subjects", configuration -> Set.copyOf(configuration.getSubjects()));
    all.put("storage", StreamConfiguration::getStorageType);
    all.put("max_age", StreamConfiguration::getMaxAge);
    all.put("max_bytes", StreamConfiguration::getMaxBytes);
    all.put("num_replicas", StreamConfiguration::getReplicas);
    all.put("duplicate_window", StreamConfiguration::getDuplicateWindow);
    all.put("discard", StreamConfiguration::getDiscardPolicy);
    all.put("compression", StreamConfiguration::getCompressionOption);
    return all;
  }

  /** The stream as the settings want it. */
  StreamConfiguration wanted(BusStream stream) {
    return changed(StreamConfiguration.builder().name(stream.name()), stream).build();
  }

  private StreamConfiguration.Builder changed(
      StreamConfiguration.Builder present, BusStream stream) {
    StreamLimits limits = settings.limits(stream);
    return present
        .subjects(stream.subjects())
        .storageType(StorageType.File)
        .maxAge(limits.maxAge())
        .maxBytes(limits.maxBytes())
        .replicas(settings.replicas())
        .duplicateWindow(shorter(settings.duplicateWindow(), limits.maxAge()))
        .discardPolicy(settings.full() == WhenFull.REFUSE ? DiscardPolicy.New : DiscardPolicy.Old)
        .compressionOption(settings.compressed() ? CompressionOption.S2 : CompressionOption.None);
  }

  /** A server refuses to know ids for longer than it keeps messages. */
  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * Creates or updates the stream.
   *
   * @return which settings the server did not take: what was asked, what is, and why if it said so
   */
  List<String> ensure(JetStreamManagement management, BusStream stream)
      throws IOException, JetStreamApiException {
    Optional<StreamConfiguration> present = find(management, stream);
    if (present.isEmpty()) {
      return differences(wanted(stream), create(management, wanted(stream)));
    }
    StreamConfiguration wanted =
        changed(StreamConfiguration.builder(present.get()), stream).build();
    if (differences(wanted, present.get()).isEmpty()) {
      return List.of();
    }
    try {
      return differences(wanted, management.updateStream(wanted).getConfiguration());
    } catch (JetStreamApiException | IOException e) {
      List<String> told = new ArrayList<>(differences(wanted, present.get()));
      told.add("the server refuses the change: " + e.getMessage());
      return told;
    }
  }

  /** What the server cannot give now is left out, and asked for again at the next connection. */
  private static StreamConfiguration create(
      JetStreamManagement management, StreamConfiguration wanted)
      throws IOException, JetStreamApiException {
    try {
      return management.addStream(wanted).getConfiguration();
    } catch (JetStreamApiException e) {
      StreamConfiguration.Builder less = StreamConfiguration.builder(wanted);
      if (e.getApiErrorCode() == INSUFFICIENT_STORAGE && wanted.getMaxBytes() != UNLIMITED) {
        return create(management, less.maxBytes(UNLIMITED).build());
      }
      if (e.getApiErrorCode() == NO_CLUSTER && wanted.getReplicas() > 1) {
        return create(management, less.replicas(1).build());
      }
      throw e;
    }
  }

  private static Optional<StreamConfiguration> find(
      JetStreamManagement management, BusStream stream) throws IOException, JetStreamApiException {
    try {
      return Optional.of(management.getStreamInfo(stream.name()).getConfiguration());
    } catch (JetStreamApiException e) {
      if (e.getErrorCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  static List<String> differences(StreamConfiguration wanted, StreamConfiguration echoed) {
    List<String> all = new ArrayList<>();
    SETTINGS.forEach(
        (name, value) -> {
          Object asked = value.apply(wanted);
          Object is = value.apply(echoed);
          if (!asked.equals(is)) {
            all.add("%s: asked for %s, is %s".formatted(name, asked, is));
          }
        });
    return List.copyOf(all);
  }
}

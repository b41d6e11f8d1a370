package io.agentflow.bridge;

import java.util.List;
import java.util.stream.Stream;

/** Everything that the bridge keeps equal to the log. */
public final class StreamContents {

  /** Each stream once. */
  public static final List<StreamContent> ALL =
      Stream.concat(
              BusStream.MIRROR.stream().<StreamContent>map(MirroredEntries::new),
              Stream.of(new IntegrationEvents()))
          .toList();

  private StreamContents() {}
}

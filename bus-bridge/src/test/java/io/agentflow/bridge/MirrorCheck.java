package io.agentflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.bridge.BusClient.Stored;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogReader;
import io.nats.client.api.StreamState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks into the streams by itself, and says whether they hold exactly what the log says. */
final class MirrorCheck {

  private final LogReader log;
  private final String url;

  MirrorCheck(LogReader log, String url) {
    this.log = log;
    this.url = url;
  }

  /** A message as both sides can tell it. */
  private record Seen(String subject, String id, String position, String body) {}

  /**
   * Each stream has each of its messages once, in the log's order, and no other.
   *
   * @return how many the mirror has
   */
  long assertWhole() throws Exception {
    long messages = 0;
    try (BusClient client = BusClient.at(url)) {
      for (StreamContent content : StreamContents.ALL) {
        List<Seen> expected = expected(content, client.connection().getMaxPayload() - 2_048);
        List<Seen> found = found(client, content.stream());
        assertThat(found.stream().map(Seen::position))
            .as("positions in %s", content.stream())
            .containsExactlyElementsOf(expected.stream().map(Seen::position).toList());
        assertThat(digest(found)).as("digest of %s", content.stream()).isEqualTo(digest(expected));
        // Public events tell again what is in the mirror.
        messages += BusStream.MIRROR.contains(content.stream()) ? found.size() : 0;
      }
    }
    return messages;
  }

  private List<Seen> expected(StreamContent content, long bodyBytesMax) {
    return log.after(0, Integer.MAX_VALUE).stream()
        .map(entry -> content.message(entry, bodyBytesMax))
        .flatMap(Optional::stream)
        .map(
            message ->
                new Seen(
                    message.subject(),
                    message.id(),
                    String.valueOf(message.headers().get(MessageHeaders.POSITION)),
                    text(message.body())))
        .toList();
  }

  private static List<Seen> found(BusClient client, BusStream stream) throws Exception {
    StreamState state = client.management().getStreamInfo(stream.name()).getStreamState();
    List<Seen> all = new ArrayList<>();
    for (long sequence = state.getFirstSequence();
        sequence <= state.getLastSequence();
        sequence++) {
      Stored message = client.stored(stream.name(), sequence);
      all.add(
          new Seen(
              message.subject(),
              message.header("Nats-Msg-Id"),
              message.header(MessageHeaders.POSITION),
              message.body()));
    }
    return all;
  }

  private static String digest(List<Seen> all) {
    return Hash.sha256(all.toString().getBytes(StandardCharsets.UTF_8)).hex();
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }
}

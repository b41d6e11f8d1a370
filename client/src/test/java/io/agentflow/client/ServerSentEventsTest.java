package io.agentflow.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentflow.client.ServerSentEvents.Block;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerSentEventsTest {

  private static List<Block> read(String text) throws IOException {
    ServerSentEvents events =
        new ServerSentEvents(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    List<Block> all = new ArrayList<>();
    for (Block event = events.next(); event != null; event = events.next()) {
      all.add(event);
    }
    return all;
  }

  @Test
  void an_event_has_the_fields_before_its_blank_line() throws IOException {
    assertThat(read("id: 7\nevent: a.b\ndata: {\"x\": \"y: z\"}\ndata:more\n\n"))
        .containsExactly(new Block("7", "a.b", "{\"x\": \"y: z\"}\nmore"));
  }

  @Test
  void an_id_alone_moves_where_to_resume_and_tells_nothing() throws IOException {
    assertThat(read(": nothing new\nid: 9\n\n")).containsExactly(new Block("9", "", ""));
  }

  @Test
  void what_is_broken_off_is_no_event() throws IOException {
    assertThat(read("id: 1\ndata: a\n\nid: 2\ndata: b\n")).containsExactly(new Block("1", "", "a"));
  }
}

package io.agentflow.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.chain.ChainLink;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Against files, and against a server that answers whatever the test wants. */
class AuditCommandTest {

  private static final String PROBLEM =
      "{\"problem\":{\"type\":\"/problems/unavailable\",\"status\":503,\"detail\":\"no more\"}}\n";

  @TempDir private Path folder;
  private Path file;
  private HttpServer server;
  private volatile String answer = "";
  private volatile boolean breaksOff;
  private volatile @Nullable String asked;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("log.ndjson");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked = exchange.getRequestURI().toString();
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          // An answer of a known length that ends before it is what a dying server leaves.
          exchange.sendResponseHeaders(200, breaksOff ? body.length + 1_000 : 0);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private int af(String... arguments) {
    CommandLine commandLine = AgentFlowCommand.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    return commandLine.execute(arguments);
  }

  private int afOfServer(String... arguments) {
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    return af(
        Stream.concat(Stream.of(arguments), Stream.of("--server", url)).toArray(String[]::new));
  }

  /** Five entries of one tenant. */
  private static String export() {
    List<String> entries = new ArrayList<>();
    Hash before = Hash.GENESIS;
    for (int i = 1; i <= 5; i++) {
      String record =
          ChainLink.unplacedRecord(
                  "w",
                  "workflow",
                  new UUID(0, i),
                  "workflow.noted",
                  1,
                  "{}",
                  Instant.EPOCH,
                  "{\"text\":\"note %d\"}".formatted(i),
                  i - 1,
                  "acme")
              .placed(i);
      Hash hash = ChainLink.hash(before, record);
      entries.add(
          "{\"hash\":\"%s\",\"prevHash\":\"%s\",\"position\":%d,\"record\":%s}\n"
              .formatted(hash, before, i, record));
      before = hash;
    }
    return """
        {"format":"agentflow-log-export","version":1,"entries":5,"tenants":1,"headPosition":5}
        {"head":{"tenantId":"acme","tenantPosition":5,"hash":"%s"}}
        """
            .formatted(before)
        + String.join("", entries);
  }

  @Test
  void a_whole_file_is_verified_without_a_server() throws IOException {
    Files.writeString(file, export());
    assertThat(af("audit", "verify", "--file", file.toString())).isZero();
    assertThat(out.toString())
        .contains("acme")
        .contains("5 entries of 1 tenants")
        .contains("whole");
    assertThat(asked).isNull();
  }

  @Test
  void a_broken_file_ends_with_one_and_names_the_entry_and_the_line() throws IOException {
    Files.writeString(file, export().replace("note 3", "note 9"));
    assertThat(af("audit", "verify", "--file", file.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains("tenant acme is broken at entry 3")
        .contains(new UUID(0, 3).toString())
        .contains("(line 5)");
  }

  @Test
  void a_file_is_answered_in_the_form_of_the_api() throws IOException {
    Files.writeString(file, export());
    assertThat(af("audit", "verify", "--json", "--tenant", "acme", "--file", file.toString()))
        .isZero();
    assertThat(CanonicalJson.parse(out.toString()).path("tenants").path(0).path("entries").asInt())
        .isEqualTo(5);
  }

  @Test
  void what_cannot_be_judged_has_an_exit_code_of_its_own() throws IOException {
    assertThat(af("audit", "verify", "--file", file.toString())).isEqualTo(ExitCode.UNREADABLE);
    assertThat(af("audit", "verify", "--file", folder.toString())).isEqualTo(ExitCode.UNREADABLE);
    Files.writeString(file, "something else\n");
    assertThat(af("audit", "verify", "--file", file.toString())).isEqualTo(ExitCode.UNREADABLE);
    Files.writeString(file, export().substring(0, export().length() - 30));
    assertThat(af("audit", "verify", "--file", file.toString())).isEqualTo(ExitCode.UNREADABLE);
    Files.writeString(file, export());
    assertThat(af("audit", "verify", "--file", file.toString(), "--tenant", "globex"))
        .isEqualTo(ExitCode.UNREADABLE);
    assertThat(err.toString())
        .contains("is not a file that can be read")
        .contains("this is no export")
        .contains("cut short")
        .contains("no entry of a tenant globex");
  }

  @Test
  void a_server_tells_its_progress_and_then_its_answer() {
    answer =
        """
        {"progress":{"entries":10,"total":20}}
        {"progress":{"entries":20,"total":20}}
        {"verification":{"valid":false,"entries":20,"durationMs":7,"tenants":[{"tenantId":"acme",
         "valid":false,"entries":20,"finding":{"tenantPosition":20,"message":"gone"}}]}}
        """;
    assertThat(afOfServer("audit", "verify", "--tenant", "a b")).isEqualTo(ExitCode.FINDING);
    assertThat(asked).isEqualTo("/v1/audit/verification?tenant=a+b");
    assertThat(out.toString()).contains("broken at entry 20").contains("gone");
  }

  @Test
  void a_verification_that_the_server_cannot_end_is_no_verdict() {
    answer = "{\"progress\":{\"entries\":10,\"total\":20}}\n" + PROBLEM;
    assertThat(afOfServer("audit", "verify")).isEqualTo(ExitCode.REFUSED);
    assertThat(err.toString()).contains("no more");
    answer = "{\"progress\":{\"entries\":10,\"total\":20}}\n";
    assertThat(afOfServer("audit", "verify")).isEqualTo(ExitCode.SERVER_UNREACHABLE);
  }

  @Test
  void an_export_is_in_its_file_when_all_of_it_is() throws IOException {
    answer = export();
    assertThat(afOfServer("audit", "export", "-o", file.toString())).isZero();
    assertThat(file).hasContent(export());
    assertThat(out.toString()).contains("5 entries written");
    assertOnlyFileIs(file);
  }

  @Test
  void an_export_that_ends_too_early_leaves_no_file() throws IOException {
    answer = export().substring(0, export().length() - 300);
    assertThat(afOfServer("audit", "export", "-o", file.toString()))
        .isEqualTo(ExitCode.SERVER_UNREACHABLE);
    answer = export().substring(0, export().lastIndexOf("{\"hash\""));
    assertThat(afOfServer("audit", "export", "-o", file.toString()))
        .isEqualTo(ExitCode.SERVER_UNREACHABLE);
    answer = export().substring(0, export().lastIndexOf("{\"hash\"")) + PROBLEM;
    assertThat(afOfServer("audit", "export", "-o", file.toString())).isEqualTo(ExitCode.REFUSED);
    breaksOff = true;
    answer = export();
    assertThat(afOfServer("audit", "export", "-o", file.toString()))
        .isEqualTo(ExitCode.SERVER_UNREACHABLE);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private void assertOnlyFileIs(Path expected) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(expected);
    }
  }
}

package io.agentflow.eventstore.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentflow.eventstore.chain.CanonicalJson;
import io.agentflow.eventstore.testing.TestDatabase;
import io.agentflow.eventstore.testing.TestLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogExportIT {

  private static final Path FORMAT = Path.of("../docs/export-format.md");

  @TempDir private Path folder;
  private TestDatabase database;
  private TestLog log;

  @BeforeEach
  void appendTwentyEntriesOfOneTenantAndFiveOfAnother() {
    database = TestDatabase.create();
    log = new TestLog(database);
    log.append("acme", UUID.randomUUID().toString(), 0, 10);
    log.append("globex", "quoted \" and é \u0001", 0, 5);
    log.append("acme", UUID.randomUUID().toString(), 0, 10);
  }

  @AfterEach
  void close() {
    log.close();
    database.close();
  }

  private Path export() throws IOException {
    Path file = folder.resolve("export.ndjson");
    try (OutputStream out = Files.newOutputStream(file)) {
      new LogExport(database.application()).writeAll(out, Progress.NONE);
    }
    return file;
  }

  @Test
  void an_export_is_verified_without_the_database() throws IOException {
    Path file = export();
    database.close();

    Verification verification = new ExportVerifier().verify(file, Progress.NONE);
    assertThat(verification.valid()).isTrue();
    assertThat(verification.entries()).isEqualTo(25);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1 + 2 + 25);
    for (String line : lines) {
      assertThat(CanonicalJson.parse(line).isObject()).isTrue();
    }
    JsonNode header = CanonicalJson.parse(lines.getFirst());
    assertThat(header.path("entries").asLong()).isEqualTo(25);
    assertThat(header.path("tenants").asLong()).isEqualTo(2);
    assertThat(header.path("headPosition").asLong()).isEqualTo(25);
    assertThat(lines.subList(3, 28))
        .allMatch(
            line ->
                line.matches(
                    "\\{\"hash\":\"[0-9a-f]{64}\",\"prevHash\":\"[0-9a-f]{64}\",\"position\":\\d+,\"record\":\\{.*\\}\\}"));
  }

  @Test
  void one_tenant_is_exported_alone() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(new LogExport(database.application()).write("globex", out, Progress.NONE))
        .isEqualTo(5);
    assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("acme");
    Path file = Files.write(folder.resolve("globex.ndjson"), out.toByteArray());
    Verification verification = new ExportVerifier().verify(file, Progress.NONE);
    assertThat(verification.valid()).isTrue();
    assertThat(verification.entries()).isEqualTo(5);
  }

  @Test
  void an_empty_log_is_exported() throws IOException {
    try (TestDatabase empty = TestDatabase.create()) {
      Path file = folder.resolve("empty.ndjson");
      try (OutputStream out = Files.newOutputStream(file)) {
        new LogExport(empty.application()).writeAll(out, Progress.NONE);
      }
      assertThat(new ExportVerifier().verify(file, Progress.NONE).valid()).isTrue();
    }
  }

  /** The export is evidence too: what is broken in the log is broken in it, at the same place. */
  @Test
  void what_is_wrong_with_the_log_is_wrong_with_its_export() throws IOException {
    database.asOwner("update log.events set payload = '{\"amount\":1}' where position = 7");
    database.asOwner("delete from log.events where position = 13");
    Verification ofLog = new ChainVerifier(database.application()).verifyAll();
    Verification ofExport = new ExportVerifier().verify(export(), Progress.NONE);
    for (int tenant = 0; tenant < 2; tenant++) {
      Finding inLog = Objects.requireNonNull(ofLog.tenants().get(tenant).finding());
      Finding inExport = Objects.requireNonNull(ofExport.tenants().get(tenant).finding());
      assertThat(inExport.message()).startsWith(inLog.message()).contains("(line ");
      assertThat(inExport).usingRecursiveComparison().ignoringFields("message").isEqualTo(inLog);
    }
  }

  @Test
  void what_would_break_the_form_is_not_exported() {
    database.asOwner("update log.events set payload = E'{\"amount\":\\n1}' where position = 7");
    assertThatThrownBy(this::export)
        .isInstanceOf(NotExportable.class)
        .hasMessageContaining("tenant acme")
        .hasMessageContaining("entry 7");
  }

  @Test
  void an_export_is_of_one_moment_while_others_append() throws IOException {
    for (int i = 0; i < 10; i++) {
      log.append("acme", UUID.randomUUID().toString(), 0, 500);
    }
    Path file = folder.resolve("export.ndjson");
    try (OutputStream out = Files.newOutputStream(file)) {
      long written =
          new LogExport(database.application())
              .writeAll(
                  out,
                  (entries, total) -> {
                    assertThat(total).isEqualTo(5_025);
                    log.append("acme", UUID.randomUUID().toString(), 0, 3);
                    log.append("zeta", UUID.randomUUID().toString(), 0, 3);
                  });
      assertThat(written).isEqualTo(5_025);
    }
    Verification verification = new ExportVerifier().verify(file, Progress.NONE);
    assertThat(verification.valid()).isTrue();
    assertThat(verification.entries()).isEqualTo(5_025);
  }

  @Test
  void a_reader_that_goes_away_ends_the_export_and_leaves_the_connection_usable() {
    for (int i = 0; i < 10; i++) {
      log.append("acme", UUID.randomUUID().toString(), 0, 500);
    }
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("nobody reads");
          }
        };
    for (int i = 0; i < 30; i++) {
      assertThatThrownBy(() -> new LogExport(database.application()).writeAll(gone, Progress.NONE))
          .hasMessage("nobody reads");
    }
    assertThat(new ChainVerifier(database.application()).verifyAll().valid()).isTrue();
  }

  /** The steps in the documentation, run as they stand there. */
  @Test
  void the_documented_steps_derive_the_hash_of_any_line() throws Exception {
    export();
    Matcher recipe =
        Pattern.compile("```\n(file=export.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(FORMAT));
    assertThat(recipe.find()).isTrue();
    for (String number : List.of("4", "15", "23", "28")) {
      Process process =
          new ProcessBuilder("bash", "-euc", recipe.group(1), "recipe", number)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
      List<String> said = process.inputReader(StandardCharsets.UTF_8).lines().toList();
      assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
      assertThat(said).hasSize(2);
      assertThat(said.getFirst()).matches("stored  [0-9a-f]{64}");
      assertThat(said.getLast()).isEqualTo(said.getFirst().replace("stored ", "derived"));
    }
  }
}

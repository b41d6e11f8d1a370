package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentflow.server.contract.Contract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page about the API as a browser shows it. */
class DocsPageIT {

  private static final String OPERATIONS = "document.querySelectorAll('.opblock').length";

  private static ServerProcess server;
  private static Path program;

  @BeforeAll
  static void start() {
    Optional<Path> found = Browser.program();
    assumeTrue(
        found.isPresent(),
        "no Chromium is on the PATH, so that nobody looks at /docs; ./dev setup tells how to get one");
    program = found.orElseThrow();
    server = ServerProcess.start(Map.of());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static int operations() {
    return JsonMapper.shared()
        .readTree(Contract.text())
        .path("paths")
        .valueStream()
        .mapToInt(
            path ->
                (int)
                    path.propertyNames().stream()
                        .filter(List.of("get", "post", "put", "patch", "delete")::contains)
                        .count())
        .sum();
  }

  private static Browser onTheDocs() throws IOException {
    Browser browser = new Browser(program);
    browser.open(server.url() + "/docs");
    assertThat(browser.isTrueInTime(OPERATIONS + " >= " + operations()))
        .as("rendered; complaints: %s", browser.complaints())
        .isTrue();
    return browser;
  }

  @Test
  void every_operation_is_shown_and_one_opens_and_nothing_comes_from_elsewhere()
      throws IOException {
    try (Browser browser = onTheDocs()) {
      assertThat(browser.value(OPERATIONS).asInt()).isEqualTo(operations());

      assertThat(browser.value("document.querySelectorAll('.opblock-body').length").asInt())
          .isZero();
      browser.value("document.querySelector('.opblock-summary-control').click()");
      assertThat(
              browser.isTrueInTime(
                  "document.querySelector('.opblock.is-open .opblock-body .responses-table') != null"))
          .as("an operation opens")
          .isTrue();

      assertThat(browser.complaints()).isEmpty();
      assertThat(browser.events("Network.requestWillBeSent"))
          .extracting(sent -> sent.path("request").path("url").asString())
          .contains(server.url() + "/docs", server.url() + "/v1/openapi.json")
          .allMatch(url -> url.startsWith(server.url() + "/") || url.startsWith("data:"));
      assertThat(browser.events("Network.responseReceived"))
          .extracting(JsonNode::toString)
          .isNotEmpty();
      assertThat(browser.events("Network.responseReceived"))
          .extracting(received -> received.path("response").path("status").asInt())
          .containsOnly(200);
    }
  }

  @Test
  void a_script_in_the_page_and_a_call_elsewhere_are_refused() throws IOException {
    try (Browser browser = onTheDocs()) {
      browser.value(
          """
          (() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.appendChild(script);
            fetch('http://127.0.0.1:9/').catch(() => { window.refused = true; });
          })()""");
      assertThat(browser.isTrueInTime("window.refused === true")).isTrue();
      assertThat(browser.value("window.ran === true").asBoolean()).isFalse();
      assertThat(browser.complaints())
          .anyMatch(text -> text.contains("script-src"))
          .anyMatch(text -> text.contains("connect-src"));
    }
  }
}

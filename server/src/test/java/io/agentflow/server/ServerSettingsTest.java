package io.agentflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentflow.application.replay.ReplaySettings;
import io.agentflow.application.stream.StreamSettings;
import io.agentflow.application.work.WorkSettings;
import io.agentflow.bridge.BusSettings;
import io.agentflow.bridge.BusStream;
import io.agentflow.bridge.StreamLimits;
import io.agentflow.domain.planning.AutonomyMode;
import io.agentflow.server.telemetry.TracingSettings;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What an operator may say, and how a mistake is told. */
class ServerSettingsTest {

  private static ServerSettings of(Map<String, String> environment) {
    return ServerSettings.of(environment, OptionalInt.empty());
  }

  @Test
  void what_is_not_named_has_its_default() {
    ServerSettings settings = of(Map.of());
    assertThat(settings.work())
        .isEqualTo(
            new WorkSettings(Duration.ofHours(1), Duration.ofSeconds(90), AutonomyMode.FULL_AUTO));
    assertThat(settings.planBodyLimit()).isEqualTo("1MB");
    assertThat(settings.times()).isEqualTo(RequestTimes.DEFAULT);
    assertThat(settings.streams())
        .isEqualTo(new StreamSettings(500, Duration.ofSeconds(15), Duration.ofSeconds(10)));
    assertThat(settings.replays()).isEqualTo(new ReplaySettings(8, 2, Duration.ofSeconds(60)));
  }

  @Test
  void what_is_named_counts() {
    ServerSettings settings =
        of(
            Map.of(
                "AF_AUTONOMY_FLOOR", "risk_based",
                "AF_STEP_TIMEOUT_SECONDS", "60",
                "AF_AGENT_OFFLINE_SECONDS", "30",
                "AF_PLAN_BODY_LIMIT", "2MB",
                "AF_EVENT_STREAMS", "7",
                "AF_EVENT_HEARTBEAT_SECONDS", "3",
                "AF_EVENT_STALLED_SECONDS", "2",
                "AF_REPLAYS_UNDER_WAY", "5",
                "AF_TENANT_REPLAYS_UNDER_WAY", "4",
                "AF_REPLAY_WAIT_SECONDS", "3"));
    assertThat(settings.replays()).isEqualTo(new ReplaySettings(5, 4, Duration.ofSeconds(3)));
    assertThat(settings.streams())
        .isEqualTo(new StreamSettings(7, Duration.ofSeconds(3), Duration.ofSeconds(2)));
    assertThat(settings.work())
        .isEqualTo(
            new WorkSettings(
                Duration.ofMinutes(1), Duration.ofSeconds(30), AutonomyMode.RISK_BASED));
    assertThat(settings.planBodyLimit()).isEqualTo("2MB");
  }

  @Test
  void the_streams_of_the_bus_are_as_they_are_unless_somebody_says_otherwise() {
    assertThat(of(Map.of()).bus().limits())
        .containsEntry(BusStream.AF_MESSAGES, new StreamLimits(Duration.ofDays(7), 10L << 30));

    BusSettings bus =
        of(Map.of(
                "AF_BUS_URL", "nats://bus:4222",
                "AF_BUS_TOOLS_HOURS", "2",
                "AF_BUS_TOOLS_BYTES", "3MB",
                "AF_BUS_REPLICAS", "3",
                "AF_BUS_WHEN_FULL", "refuse",
                "AF_BUS_COMPRESSION", "s2",
                "AF_BUS_DUPLICATE_WINDOW_SECONDS", "5"))
            .bus();
    assertThat(bus.url()).hasValue("nats://bus:4222");
    assertThat(bus.limits())
        .containsEntry(BusStream.AF_TOOLS, new StreamLimits(Duration.ofHours(2), 3L << 20));
    assertThat(bus.replicas()).isEqualTo(3);
    assertThat(bus.full()).isEqualTo(BusSettings.WhenFull.REFUSE);
    assertThat(bus.compressed()).isTrue();
    assertThat(bus.duplicateWindow()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void a_mistake_about_the_bus_is_told_by_the_name_of_its_variable() {
    Map.of(
            "AF_BUS_TOOLS_BYTES", "3 apples",
            "AF_BUS_SYSTEM_HOURS", "0",
            "AF_BUS_WHEN_FULL", "explode",
            "AF_BUS_COMPRESSION", "zip",
            "AF_BUS_CREDENTIALS", "/nowhere/bridge.creds")
        .forEach(
            (name, value) ->
                assertThatThrownBy(() -> of(Map.of(name, value)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name));
  }

  @Test
  void nothing_is_traced_unless_a_collector_is_named_or_somebody_says_so() {
    assertThat(of(Map.of()).tracing()).isEmpty();
    assertThat(of(Map.of("AF_SERVICE_NAME", "one", "AF_TRACE_SAMPLE_RATE", "0.5")).tracing())
        .isEmpty();
    assertThat(of(Map.of("AF_TRACING_ENABLED", "true")).tracing())
        .contains(new TracingSettings(URI.create("http://localhost:4318"), "agentflow", 1));
    Map<String, String> named =
        Map.of(
            "AF_OTEL_EXPORTER_OTLP_ENDPOINT", "https://traces.example.com:4318/otlp",
            "AF_SERVICE_NAME", "one",
            "AF_TRACE_SAMPLE_RATE", "0.1");
    assertThat(of(named).tracing())
        .contains(
            new TracingSettings(URI.create("https://traces.example.com:4318/otlp"), "one", 0.1));
    Map<String, String> off = new HashMap<>(named);
    off.put("AF_TRACING_ENABLED", "false");
    assertThat(of(off).tracing()).isEmpty();
    for (Map<String, String> wrong :
        List.of(
            Map.of("AF_TRACING_ENABLED", "yes"),
            Map.of("AF_TRACE_SAMPLE_RATE", "1.5"),
            Map.of("AF_TRACE_SAMPLE_RATE", "half"),
            Map.of("AF_TRACE_SAMPLE_RATE", "NaN"),
            Map.of("AF_OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"))) {
      assertThatThrownBy(() -> of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong.keySet().iterator().next());
    }
  }

  @Test
  void how_long_a_client_may_take_is_said_for_each_part_of_a_request() {
    assertThat(
            of(Map.of(
                    "AF_CLIENT_SILENT_SECONDS", "1",
                    "AF_KEEP_ALIVE_SECONDS", "2",
                    "AF_REQUEST_HEADERS_SECONDS", "3",
                    "AF_REQUEST_BODY_SECONDS", "4",
                    "AF_ANSWER_SECONDS", "5"))
                .times())
        .isEqualTo(
            new RequestTimes(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5)));
    assertThatThrownBy(() -> of(Map.of("AF_ANSWER_SECONDS", "0")))
        .hasMessageContaining("AF_ANSWER_SECONDS");
  }

  @Test
  void without_an_issuer_the_server_listens_on_loopback_only() {
    assertThat(of(Map.of()).bind().isLoopbackAddress()).isTrue();
    assertThat(of(Map.of("AF_BIND", "::1")).bind().isLoopbackAddress()).isTrue();
    assertThatThrownBy(() -> of(Map.of("AF_BIND", "0.0.0.0")))
        .hasMessage(
            "AF_BIND is 0.0.0.0, but without AF_OIDC_ISSUER the server listens on loopback only");
    assertThat(
            of(Map.of("AF_BIND", "0.0.0.0", "AF_OIDC_ISSUER", "https://id.example"))
                .bind()
                .isAnyLocalAddress())
        .isTrue();
  }

  @Test
  void an_issuer_is_a_url_and_what_belongs_to_one_is_not_said_without_it() {
    assertThat(of(Map.of("AF_OIDC_ISSUER", "https://id.example/realms/a")).issuer())
        .hasValueSatisfying(
            issuer -> {
              assertThat(issuer.audience()).isEqualTo("agentflow");
              assertThat(issuer.isDevelopment()).isFalse();
            });
    for (String issuer : List.of("id.example", "ftp://id.example", "https://")) {
      assertThatThrownBy(() -> of(Map.of("AF_OIDC_ISSUER", issuer)))
          .hasMessageContaining("AF_OIDC_ISSUER");
    }
    assertThatThrownBy(() -> of(Map.of("AF_OIDC_JWKS_URI", "https://id.example/keys")))
        .hasMessageContaining("AF_OIDC_ISSUER");
  }

  @Test
  void what_cannot_be_used_is_told_with_its_name() {
    assertThatThrownBy(() -> of(Map.of("AF_AUTONOMY_FLOOR", "yolo")))
        .hasMessageContaining("AF_AUTONOMY_FLOOR")
        .hasMessageContaining("risk_based");
    assertThatThrownBy(() -> of(Map.of("AF_STEP_TIMEOUT_SECONDS", "0")))
        .hasMessage("AF_STEP_TIMEOUT_SECONDS must be above 0, not 0");
  }
}

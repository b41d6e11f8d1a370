package io.agentflow.server.wiring;

import io.agentflow.bridge.telemetry.BusTelemetry;
import io.agentflow.server.ServerSettings;
import io.agentflow.server.Version;
import io.agentflow.server.telemetry.CommandSpans;
import io.agentflow.server.telemetry.RequestSpans;
import io.agentflow.server.telemetry.Tracing;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import java.util.Optional;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Who watches: metrics for whoever asks, traces where a collector is named. */
@Configuration(proxyBeanMethods = false)
class TelemetryWiring {

  private static final String SCOPE = "io.agentflow.server";

  @Bean
  PrometheusMeterRegistry meters() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Bean
  Tracing tracing(ServerSettings settings, PrometheusMeterRegistry meters) {
    return new Tracing(settings.tracing(), Version.current(), meters);
  }

  @Bean
  BusTelemetry busTelemetry(Tracing tracing, PrometheusMeterRegistry meters) {
    return new BusTelemetry(tracing.messages(), meters);
  }

  /** Where nobody traces there is no filter. */
  @Bean
  FilterRegistrationBean<RequestSpans> requestSpans(Tracing tracing) {
    FilterRegistrationBean<RequestSpans> first =
        new FilterRegistrationBean<>(new RequestSpans(tracer(tracing)));
    first.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    first.setEnabled(tracing.isOn());
    return first;
  }

  static Optional<CommandSpans> commandSpans(Tracing tracing) {
    return tracing.isOn() ? Optional.of(new CommandSpans(tracer(tracing))) : Optional.empty();
  }

  private static Tracer tracer(Tracing tracing) {
    return tracing.telemetry().getTracer(SCOPE);
  }
}

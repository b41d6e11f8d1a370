package io.agentflow.server;

import io.agentflow.projections.engine.Projections;
import io.agentflow.projections.engine.Projections.Standing;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.ToLongFunction;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/metrics}: figures for whoever watches, in the form that Prometheus reads. */
@RestController
@RequestMapping("/v1/metrics")
class MetricsHttp {

  /** https://prometheus.io/docs/instrumenting/exposition_formats/ */
  private static final String TEXT = "text/plain;version=0.0.4;charset=utf-8";

  private final Projections projections;
  private final PrometheusMeterRegistry registry;
  private final MultiGauge position;
  private final MultiGauge lag;
  private final MultiGauge deadLetters;

  MetricsHttp(Projections projections, PrometheusMeterRegistry registry) {
    this.projections = projections;
    this.registry = registry;
    this.position =
        gauge("agentflow.projection.position", "The last position of the log that it has passed");
    this.lag =
        gauge("agentflow.projection.lag.events", "Events of the log that it has not yet passed");
    this.deadLetters =
        gauge("agentflow.projection.dead.letters", "Aggregates that it has set aside");
  }

  private MultiGauge gauge(String name, String what) {
    return MultiGauge.builder(name).description(what).register(registry);
  }

  /**
   * Tells how far each projection is and what it has set aside, and how the bus is doing, for
   * Prometheus.
   */
  @GetMapping(produces = TEXT)
  synchronized String getMetrics() {
    List<Standing> all = projections.all();
    position.register(rows(all, Standing::position), true);
    lag.register(rows(all, Standing::lagEvents), true);
    deadLetters.register(rows(all, Standing::deadLetters), true);
    return registry.scrape();
  }

  private static List<Row<?>> rows(List<Standing> all, ToLongFunction<Standing> figure) {
    return all.stream()
        .<Row<?>>map(of -> Row.of(Tags.of("projection", of.name()), figure.applyAsLong(of)))
        .toList();
  }
}

package io.agentflow.server.telemetry;

import java.net.URI;

/**
 * Where spans go, and how many of them.
 *
 * @param collector of OpenTelemetry's, by OTLP over HTTP; spans go to {@code /v1/traces} of it
 * @param serviceName by which the collector knows this service
 * @param sampleRate the share of the traces that begin here which are told, from 0 to 1; of others
 *     the caller has decided
 */
public record TracingSettings(URI collector, String serviceName, double sampleRate) {

  public static final URI COLLECTOR_DEFAULT = URI.create("http://localhost:4318");
  public static final String SERVICE_NAME_DEFAULT = "agentflow";
}

/** What is told of messages to those who watch: spans by OpenTelemetry, figures by Micrometer. */
@NullMarked
package io.agentflow.bridge.telemetry;

import org.jspecify.annotations.NullMarked;

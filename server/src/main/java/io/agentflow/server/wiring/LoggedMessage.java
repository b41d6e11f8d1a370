package io.agentflow.server.wiring;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** {@code %said}: a message as {@link LogText} lets it be told. */
public final class LoggedMessage extends MessageConverter {

  @Override
  public String convert(ILoggingEvent event) {
    return LogText.of(event.getFormattedMessage());
  }
}

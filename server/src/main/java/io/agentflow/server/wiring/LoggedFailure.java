package io.agentflow.server.wiring;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.logback.ExtendedWhitespaceThrowableProxyConverter;

/**
 * {@code %failed}: a failure with its causes and stack traces, of which each message is told as
 * {@link LogText} lets it be told.
 */
public final class LoggedFailure extends ExtendedWhitespaceThrowableProxyConverter {

  @Override
  protected String throwableProxyToString(IThrowableProxy failure) {
    return super.throwableProxyToString(new Told(failure));
  }

  private record Told(IThrowableProxy failure) implements IThrowableProxy {

    private static @Nullable IThrowableProxy of(@Nullable IThrowableProxy failure) {
      return failure == null ? null : new Told(failure);
    }

    /**
     * What the Java machine says of a null or a cast has names of the code in it, and no values.
     */
    private @Nullable String told(@Nullable String message) {
      if (message == null) {
        return null;
      }
      return failure.getClassName().equals(NullPointerException.class.getName())
          ? LogText.withoutSecrets(message)
          : LogText.of(message);
    }

    @Override
    public @Nullable String getMessage() {
      return told(failure.getMessage());
    }

    @Override
    public @Nullable String getOverridingMessage() {
      return told(failure.getOverridingMessage());
    }

    @Override
    public String getClassName() {
      return failure.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
      return failure.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
      return failure.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
      return of(failure.getCause());
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
      return Stream.of(failure.getSuppressed()).map(Told::new).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
      return failure.isCyclic();
    }
  }
}

package io.agentflow.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The path of a list, and which of its items are asked for. */
public final class ListPath {

  private final StringBuilder path;

  public ListPath(String path) {
    this.path = new StringBuilder(path);
  }

  /** Asks for those with this value alone; null for any. */
  public ListPath with(String parameter, @Nullable String value) {
    if (value != null) {
      path.append(path.indexOf("?") < 0 ? '?' : '&')
          .append(parameter)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
    return this;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}

package io.agentflow.server.embedded;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** Reads {@code AF_DATABASE_URL}: {@code postgresql://user:password@host:port/database}. */
public final class DatabaseUrl {

  private static final int PORT_DEFAULT = 5432;

  private DatabaseUrl() {}

  /**
   * The database that the URL means.
   *
   * @throws IllegalArgumentException when it is not of the form above; the message has no password
   */
  public static Database parse(String url) {
    URI uri = URI.create(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
    String userInfo = uri.getRawUserInfo();
    if (uri.getScheme() == null
        || !uri.getScheme().startsWith("postgres")
        || uri.getHost() == null
        || userInfo == null
        || uri.getPath().length() < 2) {
      throw new IllegalArgumentException(
          "AF_DATABASE_URL must read postgresql://user:password@host:port/database");
    }
    int colon = userInfo.indexOf(':');
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new Database(
        "jdbc:postgresql://%s:%d%s%s"
            .formatted(
                uri.getHost(),
                uri.getPort() < 0 ? PORT_DEFAULT : uri.getPort(),
                uri.getRawPath(),
                query),
        decoded(colon < 0 ? userInfo : userInfo.substring(0, colon)),
        colon < 0 ? "" : decoded(userInfo.substring(colon + 1)));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}

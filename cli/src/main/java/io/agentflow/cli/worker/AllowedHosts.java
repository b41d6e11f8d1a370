package io.agentflow.cli.worker;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * To which hosts steps may speak: those that were named, each with every port or with one. A name
 * may not lead to an address of this machine or of a private network; such an address has to be
 * named itself, so that nobody's DNS decides that a step reaches it. {@code localhost} names one.
 */
final class AllowedHosts {

  private final Set<String> named = new HashSet<>();

  /**
   * Takes hosts as an operator writes them.
   *
   * @param hosts {@code api.example.com}, {@code 127.0.0.1:8080}, {@code [::1]:8080}
   * @throws IllegalArgumentException for what is no host
   */
  AllowedHosts(List<String> hosts) {
    for (String host : hosts) {
      URI uri = uri(host);
      named.add(name(uri) + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
    }
  }

  private static URI uri(String host) {
    try {
      URI uri = new URI("http://" + host);
      if (uri.getHost() != null && uri.getUserInfo() == null && host.equals(uri.getAuthority())) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // told below, like everything else that is no host
    }
    throw new IllegalArgumentException(
        "\"" + host + "\" is no host; write api.example.com or 127.0.0.1:8080");
  }

  /**
   * Looks whether a step may send to this address. The JDK keeps what it looked up for 30 s, so
   * that a request which follows at once goes where was looked.
   *
   * @throws StepFailed when it may not, or for the moment nobody knows the host
   */
  void check(URI uri) {
    if (!isNamed(name(uri), port(uri))) {
      throw StepFailed.forGood(
          "the host of %s is not allowed; the worker allows %s"
              .formatted(uri, named.isEmpty() ? "none" : named));
    }
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(uri.getHost());
    } catch (UnknownHostException e) {
      throw StepFailed.retryable("no address is known for " + uri.getHost());
    }
    for (InetAddress address : addresses) {
      boolean isLocalhost = address.isLoopbackAddress() && name(uri).equals("localhost");
      if (!isPublic(address) && !isLocalhost && !isNamed(literal(address), port(uri))) {
        throw StepFailed.forGood(
            "%s leads to %s, which is not public; the worker would have to allow that address"
                .formatted(uri.getHost(), literal(address)));
      }
    }
  }

  private boolean isNamed(String host, int port) {
    return named.contains(host) || named.contains(host + ":" + port);
  }

  /** An IPv6 address has many spellings and is compared in one; reading it asks no DNS. */
  private static String name(URI uri) {
    String host = uri.getHost();
    return host.startsWith("[")
        ? literal(InetAddress.ofLiteral(host))
        : host.toLowerCase(Locale.ROOT);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equals("https") ? 443 : 80;
  }

  private static String literal(InetAddress address) {
    return address instanceof Inet6Address
        ? "[" + address.getHostAddress() + "]"
        : address.getHostAddress();
  }

  /** Whether an address belongs to the public internet, by the registries of special addresses. */
  static boolean isPublic(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  /** Not: this network, shared (RFC 6598), protocol assignments, benchmarks, the reserved rest. */
  private static boolean isPublic4(byte[] bytes) {
    int first = bytes[0] & 0xFF;
    int second = bytes[1] & 0xFF;
    return first != 0
        && first < 240
        && !(first == 100 && (second & 0xC0) == 64)
        && !(first == 192 && second == 0 && bytes[2] == 0)
        && !(first == 198 && (second & 0xFE) == 18);
  }

  /**
   * Only 2000::/3 is in use for the internet (RFC 4291); of it not 2001::/32 and 2002::/16, whose
   * tunnels lead to an IPv4 address that is written inside.
   */
  private static boolean isPublic6(byte[] bytes) {
    boolean global = (bytes[0] & 0xE0) == 0x20;
    boolean teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
    return global && !teredo && !sixToFour;
  }
}

package io.agentflow.cli.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
            "169.254.169.254",
        "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
        "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001::1"
      })
  void an_address_that_is_not_of_the_public_internet_is_known(String address)
      throws UnknownHostException {
    assertThat(AllowedHosts.isPublic(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "93.184.216.34", "100.128.0.1", "2606:4700:4700::1111"})
  void an_address_of_the_public_internet_is_known(String address) throws UnknownHostException {
    assertThat(AllowedHosts.isPublic(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, http://127.0.0.1:8080/x",
    "127.0.0.1:8080, http://127.0.0.1:8080/x",
    "127.0.0.1:80, http://127.0.0.1/x",
    "1.1.1.1:443, https://1.1.1.1/x",
    "[::1]:8080, http://[0:0:0:0:0:0:0:1]:8080/x",
    "localhost, http://LOCALHOST:9/x",
    "1.1.1.1, http://1.1.1.1/x"
  })
  void a_host_that_was_named_is_allowed(String allowed, String uri) {
    assertThatCode(() -> new AllowedHosts(List.of(allowed)).check(URI.create(uri)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "example.com, http://example.org/",
    "example.com, http://example.com.evil.test/",
    "127.0.0.1:8080, http://127.0.0.1:8081/",
    "127.0.0.1, http://localhost/",
    "127.0.0.1, http://127.0.0.2/",
    "127.0.0.1, http://[::1]/",
    "1.1.1.1:443, http://1.1.1.1/"
  })
  void any_other_host_is_refused_for_good(String allowed, String uri) {
    assertThatThrownBy(() -> new AllowedHosts(List.of(allowed)).check(URI.create(uri)))
        .isInstanceOfSatisfying(
            StepFailed.class, failed -> assertThat(failed.isRetryable()).isFalse());
  }

  /** This machine's own name leads to an address of this machine, or to none. */
  @Test
  void a_name_that_leads_to_a_private_address_needs_the_address_to_be_named_too()
      throws UnknownHostException {
    InetAddress own = InetAddress.getLocalHost();
    URI uri = URI.create("http://" + own.getHostName() + "/");
    org.junit.jupiter.api.Assumptions.assumeTrue(
        uri.getHost() != null && !AllowedHosts.isPublic(own));

    assertThatThrownBy(() -> new AllowedHosts(List.of(own.getHostName())).check(uri))
        .isInstanceOf(StepFailed.class)
        .hasMessageContaining("not public");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://example.com", "user@example.com", "example.com/path", "a b"})
  void what_is_no_host_is_refused_at_once(String host) {
    assertThatThrownBy(() -> new AllowedHosts(List.of(host)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

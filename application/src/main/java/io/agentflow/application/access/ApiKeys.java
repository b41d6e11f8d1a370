package io.agentflow.application.access;

import io.agentflow.domain.tenant.ApiKey;
import io.agentflow.domain.tenant.TenantId;
import io.agentflow.eventstore.Hash;
import io.agentflow.eventstore.LogUnavailable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.stereotype.Component;

/**
 * Keys of the API as programs send them: {@code afk.<tenant>.<keyId>.<secret>}. Only the SHA-256 of
 * the secret is kept. A hash that is slow on purpose makes up for words that people choose; nobody
 * tries out 256 random bits.
 */
@Component
public class ApiKeys implements AuthenticationManager {

  private static final String PREFIX = "afk.";
  private static final int SECRET_BYTES = 32;
  private static final Pattern FORM =
      Pattern.compile(
          "afk\\.(?<tenant>%s)\\.(?<id>[0-9a-f-]{36})\\.(?<secret>[A-Za-z0-9_-]{43})"
              .formatted(TenantId.FORM.pattern()));

  /** To be compared with where there is no key, so that it takes as long. */
  private static final String OF_NO_SECRET = "0".repeat(64);

  private final TenantDirectory directory;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  ApiKeys(TenantDirectory directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** Whether this is meant to be a key, and not a JSON Web Token: those begin with a brace. */
  static boolean isOne(String bearer) {
    return bearer.startsWith(PREFIX);
  }

  /** A new secret of 256 random bits, in base64url. */
  public String newSecret() {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /** What is known of a secret, in hexadecimal. */
  public static String sha256(String secret) {
    return Hash.sha256(secret.getBytes(StandardCharsets.US_ASCII)).hex();
  }

  /** As a program sends it. */
  public static String text(String tenantId, String keyId, String secret) {
    return PREFIX + tenantId + "." + keyId + "." + secret;
  }

  /**
   * Tells whose key it is. Of one that is expired, revoked, unknown or wrong it is not told which.
   *
   * @throws InvalidBearerTokenException for a key that opens nothing
   * @throws AuthenticationServiceException when the log cannot be asked
   */
  @Override
  public Authentication authenticate(Authentication authentication) {
    Matcher form = FORM.matcher(((BearerTokenAuthenticationToken) authentication).getToken());
    if (!form.matches()) {
      throw notGood();
    }
    String tenantId = form.group("tenant");
    String keyId = form.group("id");
    Optional<ApiKey> key = find(tenantId, keyId);
    boolean known =
        MessageDigest.isEqual(
            bytes(sha256(form.group("secret"))),
            bytes(key.map(ApiKey::secretSha256).orElse(OF_NO_SECRET)));
    return key.filter(found -> known && found.isGoodAt(clock.instant()))
        .map(found -> new KeyAuthentication(Identity.ofKey(tenantId, keyId, found)))
        .orElseThrow(ApiKeys::notGood);
  }

  private Optional<ApiKey> find(String tenantId, String keyId) {
    try {
      return directory.key(tenantId, keyId);
    } catch (LogUnavailable e) {
      throw new AuthenticationServiceException("keys cannot be read", e);
    }
  }

  private static byte[] bytes(String hex) {
    return hex.getBytes(StandardCharsets.US_ASCII);
  }

  private static InvalidBearerTokenException notGood() {
    return new InvalidBearerTokenException("not a key that is good");
  }
}

package io.agentflow.application.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.ConfigurableJWTProcessor;
import java.time.Duration;
import java.util.List;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.stereotype.Component;

/**
 * Tells whether a token is to be trusted: signed with RS256 or ES256 by a key of the issuer, for
 * our audience, at this time. A signature is checked once a minute for each token, not for each
 * request; the time is looked at always.
 */
@Component
class TrustedTokens implements JwtDecoder {

  private static final Duration CLOCKS_DIFFER_BY = Duration.ofSeconds(60);
  private static final Duration CHECKED_AGAIN_AFTER = Duration.ofSeconds(60);
  private static final long CHECKED_TOKENS_MAX = 10_000;

  private final OAuth2TokenValidator<Jwt> times = times();
  private final JwtDecoder signatures;
  private final Cache<String, Jwt> checked =
      Caffeine.newBuilder()
          .maximumSize(CHECKED_TOKENS_MAX)
          .expireAfterWrite(CHECKED_AGAIN_AFTER)
          .build();

  TrustedTokens(AccessSettings settings) {
    OAuth2TokenValidator<Jwt> claims =
        new DelegatingOAuth2TokenValidator<>(
            List.of(
                new JwtIssuerValidator(settings.issuer()),
                new JwtClaimValidator<List<String>>(
                    JwtClaimNames.AUD,
                    audience -> audience != null && audience.contains(settings.audience())),
                times));
    // The issuer may come up after us: it is asked when the first token comes.
    this.signatures =
        new SupplierJwtDecoder(
            () -> {
              NimbusJwtDecoder decoder = decoder(settings);
              decoder.setJwtValidator(claims);
              return decoder;
            });
  }

  private static OAuth2TokenValidator<Jwt> times() {
    JwtTimestampValidator times = new JwtTimestampValidator(CLOCKS_DIFFER_BY);
    times.setAllowEmptyExpiryClaim(false);
    return times;
  }

  private static NimbusJwtDecoder decoder(AccessSettings settings) {
    return switch (settings.keys()) {
      case AccessSettings.Keys.Own own ->
          NimbusJwtDecoder.withJwkSource(
                  new ImmutableJWKSet<SecurityContext>(
                      new JWKSet(
                          new ECKey.Builder(Curve.P_256, own.key()).keyID(own.keyId()).build())))
              .jwsAlgorithm(SignatureAlgorithm.ES256)
              .jwtProcessorCustomizer(TrustedTokens::takeAccessTokens)
              .build();
      case AccessSettings.Keys.At at ->
          remote(NimbusJwtDecoder.withJwkSetUri(at.jwks().toString()));
      case AccessSettings.Keys.Discovered discovered ->
          remote(NimbusJwtDecoder.withIssuerLocation(settings.issuer()));
    };
  }

  /** Named one by one: never {@code none}, and no secret that both sides know. */
  private static NimbusJwtDecoder remote(NimbusJwtDecoder.JwkSetUriJwtDecoderBuilder keys) {
    return keys.jwsAlgorithms(
            algorithms ->
                algorithms.addAll(List.of(SignatureAlgorithm.RS256, SignatureAlgorithm.ES256)))
        .jwtProcessorCustomizer(TrustedTokens::takeAccessTokens)
        .build();
  }

  /** Some issuers write the type of RFC 9068, others {@code JWT}, others none. */
  private static void takeAccessTokens(ConfigurableJWTProcessor<SecurityContext> processor) {
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
  }

  @Override
  public Jwt decode(String token) {
    Jwt known = checked.getIfPresent(token);
    if (known == null) {
      Jwt jwt = signed(token);
      checked.put(token, jwt);
      return jwt;
    }
    OAuth2TokenValidatorResult inTime = times.validate(known);
    if (inTime.hasErrors()) {
      throw new JwtValidationException("the token's time is over", inTime.getErrors());
    }
    return known;
  }

  /** An issuer that does not answer is no fault of the token: the next one asks it again. */
  private Jwt signed(String token) {
    try {
      return signatures.decode(token);
    } catch (JwtDecoderInitializationException e) {
      throw new JwtException("the issuer's discovery document cannot be read", e);
    }
  }
}

package io.agentflow.server;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.token.KeyProvider;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;

/**
 * An OpenID provider with a discovery document and keys, as a server in this process; its key is at
 * hand, so that tokens can be made of any kind.
 */
public final class TokenIssuer implements AutoCloseable {

  /** The provider spells the key's id like this. */
  private static final String ISSUER = "company";

  private static final Duration AGE = Duration.ofMinutes(5);
  private static final Duration LIFETIME = Duration.ofHours(1);

  private final RSAKey key = newKey();
  private final MockOAuth2Server server =
      new MockOAuth2Server(
          new OAuth2Config(
              false, null, null, false, new OAuth2TokenProvider(new KeyProvider(List.of(key)))));

  public TokenIssuer() {
    server.start();
  }

  public static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(2048).keyID(ISSUER).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public String url() {
    return server.issuerUrl(ISSUER).toString();
  }

  String jwksUrl() {
    return server.jwksUrl(ISSUER).toString();
  }

  /** All that a token has to have; to be changed by what a test is about. */
  public JWTClaimsSet.Builder claims(String tenant, String... roles) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer(url())
        .audience("agentflow")
        .subject("ada")
        .claim("tenant", tenant)
        .claim("roles", List.of(roles))
        .issueTime(Date.from(now.minus(AGE)))
        .expirationTime(Date.from(now.plus(LIFETIME)));
  }

  public String token(String tenant, String... roles) {
    return signed(claims(tenant, roles));
  }

  public String agentToken(String tenant, String agentId) {
    return signed(claims(tenant, "agent").subject("service-" + agentId).claim("agent_id", agentId));
  }

  public String signed(JWTClaimsSet.Builder claims) {
    return signed(claims, key, ISSUER);
  }

  /** By any key, under any name. */
  public static String signed(JWTClaimsSet.Builder claims, RSAKey by, String keyId) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).build(), claims.build());
      token.sign(new RSASSASigner(by));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With the public key, which everyone knows, as a secret. */
  public String signedByPublicKeyAsSecret(JWTClaimsSet.Builder claims) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(ISSUER).build(), claims.build());
      token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String unsigned(JWTClaimsSet.Builder claims) {
    return new PlainJWT(claims.build()).serialize();
  }

  @Override
  public void close() {
    server.shutdown();
  }
}

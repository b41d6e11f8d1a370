package io.agentflow.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * The key by which tokens are signed where no issuer is named: EC P-256, kept as a JSON Web Key
 * (RFC 7517) in the server's home folder, where only the machine's owner reads it. Who has it may
 * be anyone, towards that one server.
 */
public final class DevelopmentKey {

  /** In the folder {@code .agentflow}. */
  public static final String FILE = "token-key.json";

  /** As tokens that are signed by it name who made them. */
  public static final String ISSUER = "agentflow-development";

  private static final String CURVE = "secp256r1";
  private static final String SIGNATURE = "SHA256withECDSAinP1363Format";
  private static final int COORDINATE_BYTES = 32;
  private static final int ID_BYTES = 12;
  private static final JsonMapper JSON = new JsonMapper();

  private final ECPrivateKey secret;
  private final ECPublicKey key;

  private DevelopmentKey(ECPrivateKey secret, ECPublicKey key) {
    this.secret = secret;
    this.key = key;
  }

  /** A new one. */
  public static DevelopmentKey generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      KeyPair pair = generator.generateKeyPair();
      return new DevelopmentKey((ECPrivateKey) pair.getPrivate(), (ECPublicKey) pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has P-256", e);
    }
  }

  /**
   * Reads what {@link #json()} wrote.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static DevelopmentKey parse(String json) {
    try {
      JsonNode jwk = JSON.readTree(json);
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec(CURVE));
      ECParameterSpec parameters = curve.getParameterSpec(ECParameterSpec.class);
      KeyFactory keys = KeyFactory.getInstance("EC");
      return new DevelopmentKey(
          (ECPrivateKey)
              keys.generatePrivate(new ECPrivateKeySpec(coordinate(jwk, "d"), parameters)),
          (ECPublicKey)
              keys.generatePublic(
                  new ECPublicKeySpec(
                      new ECPoint(coordinate(jwk, "x"), coordinate(jwk, "y")), parameters)));
    } catch (JsonProcessingException | GeneralSecurityException e) {
      throw new IllegalArgumentException("this is no key of EC P-256", e);
    }
  }

  /** The key whole, its secret included. */
  public String json() {
    return JSON.createObjectNode()
        .put("kty", "EC")
        .put("crv", "P-256")
        .put("alg", "ES256")
        .put("use", "sig")
        .put("kid", keyId())
        .put("x", coordinate(key.getW().getAffineX()))
        .put("y", coordinate(key.getW().getAffineY()))
        .put("d", coordinate(secret.getS()))
        .toString();
  }

  /** The part that a server needs to check a signature. */
  public ECPublicKey publicKey() {
    return key;
  }

  /** The same for the same key. */
  public String keyId() {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return base64(Arrays.copyOf(digest, ID_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** A JSON Web Token (RFC 7519) with these claims, signed with ES256. */
  public String sign(ObjectNode claims) {
    ObjectNode header =
        JsonNodeFactory.instance
            .objectNode()
            .put("alg", "ES256")
            .put("typ", "JWT")
            .put("kid", keyId());
    String signed = base64(header.toString()) + "." + base64(claims.toString());
    try {
      Signature signature = Signature.getInstance(SIGNATURE);
      signature.initSign(secret);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java signs with P-256", e);
    }
  }

  private static BigInteger coordinate(JsonNode jwk, String name) {
    byte[] bytes = Base64.getUrlDecoder().decode(jwk.path(name).asText());
    if (bytes.length != COORDINATE_BYTES) {
      throw new IllegalArgumentException("this is no key of EC P-256: " + name);
    }
    return new BigInteger(1, bytes);
  }

  private static String coordinate(BigInteger number) {
    byte[] bytes = new byte[COORDINATE_BYTES];
    byte[] minimal = number.toByteArray();
    // With a sign byte before it, or without the zeros that lead.
    int length = Math.min(minimal.length, COORDINATE_BYTES);
    System.arraycopy(minimal, minimal.length - length, bytes, COORDINATE_BYTES - length, length);
    return base64(bytes);
  }

  private static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

package io.agentflow.application.access;

import java.net.URI;
import java.security.interfaces.ECPublicKey;

/**
 * Whose tokens are trusted, and which of their claims say what.
 *
 * @param issuer as the claim {@code iss} has it
 * @param audience one of the claim {@code aud}
 * @param tenantClaim a claim's name, or a path of names with dots between
 * @param rolesClaim likewise
 */
public record AccessSettings(
    String issuer, String audience, String tenantClaim, String rolesClaim, Keys keys) {

  public static final String AUDIENCE_DEFAULT = "agentflow";
  public static final String TENANT_CLAIM_DEFAULT = "tenant";
  public static final String ROLES_CLAIM_DEFAULT = "roles";

  /** The claim that names the agent as which alone its bearer may act. */
  public static final String AGENT_CLAIM = "agent_id";

  /** Where the keys are by which tokens are signed. */
  public sealed interface Keys {

    /** Where the issuer's discovery document says. */
    record Discovered() implements Keys {}

    /** A JSON Web Key Set. */
    record At(URI jwks) implements Keys {}

    /**
     * The server's own, in development: whoever can read it is the owner of the machine.
     *
     * @param keyId as tokens name it
     */
    record Own(ECPublicKey key, String keyId) implements Keys {}
  }

  /** Tokens that are signed by a key of this machine. */
  public static AccessSettings development(String issuer, ECPublicKey key, String keyId) {
    return new AccessSettings(
        issuer,
        AUDIENCE_DEFAULT,
        TENANT_CLAIM_DEFAULT,
        ROLES_CLAIM_DEFAULT,
        new Keys.Own(key, keyId));
  }

  /** Whether only programs of this machine may call. */
  public boolean isDevelopment() {
    return keys instanceof Keys.Own;
  }
}

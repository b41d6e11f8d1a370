package io.agentflow.bridge;

import io.nats.client.NKey;
import io.nats.client.support.JwtUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** An operator of NATS with one account, who gives logins as tokens. */
record NatsOperator(NKey operator, NKey system, NKey account) {

  private static final String ACCOUNT =
      """
      {"limits": {"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
       "wildcards": true, "conn": -1, "leaf": -1%s},
       "default_permissions": {"pub": {}, "sub": {}}, "type": "account", "version": 2}
      """;
  private static final String JET_STREAM =
      ", \"mem_storage\": -1, \"disk_storage\": -1, \"streams\": -1, \"consumer\": -1";

  static NatsOperator create() throws IOException, GeneralSecurityException {
    return new NatsOperator(
        NKey.createOperator(null), NKey.createAccount(null), NKey.createAccount(null));
  }

  /** Of a server that trusts the operator. */
  String configuration() throws IOException, GeneralSecurityException {
    return """
    operator: %s
    resolver: MEMORY
    system_account: %s
    resolver_preload: {%s: %s, %s: %s}
    """
        .formatted(
            token(operator, "operator", "{\"type\": \"operator\", \"version\": 2}"),
            name(system),
            name(system),
            token(system, "system", ACCOUNT.formatted("")),
            name(account),
            token(account, "agentflow", ACCOUNT.formatted(JET_STREAM)));
  }

  private String token(NKey subject, String name, String claims)
      throws IOException, GeneralSecurityException {
    return JwtUtils.issueJWT(
        operator,
        name(subject),
        name,
        null,
        JwtUtils.currentTimeSeconds(),
        name(operator),
        () -> claims);
  }

  /** What a file of credentials has in it, for a new user of the account. */
  String credentials() throws IOException, GeneralSecurityException {
    NKey user = NKey.createUser(null);
    return JwtUtils.NATS_USER_JWT_FORMAT.formatted(
        JwtUtils.issueUserJWT(account, name(account), name(user)), new String(user.getSeed()));
  }

  private static String name(NKey key) throws IOException, GeneralSecurityException {
    return new String(key.getPublicKey());
  }
}

package io.agentflow.application.access;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** That somebody called by a key that is good. The key itself is not kept. */
public final class KeyAuthentication extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;

  private final transient Identity identity;

  KeyAuthentication(Identity identity) {
    super(List.of());
    this.identity = identity;
    setAuthenticated(true);
  }

  public Identity identity() {
    return identity;
  }

  @Override
  public String getCredentials() {
    return "";
  }

  @Override
  public String getPrincipal() {
    return identity.actor();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyAuthentication that && identity.equals(that.identity);
  }

  @Override
  public int hashCode() {
    return identity.hashCode();
  }
}
